/** Names of what a finished search leaves beside its steps. */
export const EXPERIMENT_FILES = { findings: 'experiment.json', page: 'report.html' } as const;

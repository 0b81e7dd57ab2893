/** Names of what a finished comparison leaves beside its runs. */
export const COMPARE_FILES = { findings: 'compare.json', page: 'report.html' } as const;

/**
 * `alter-config`: changes settings of a topic, of a broker or of all brokers while they are used, and heals to what they
 * were. The checker judges each record by what was in force for it (`verify/changes.ts`).
 */
import { waitFor } from '../lib/deadline.ts';
import type { AlterConfigFault, SettingsWhere } from '../scenario/admin-fault.ts';
import type { KafkaConfig } from '../scenario/scenario.ts';
import type { Admin, ConfigEntry, Resource } from '../wire/admin.ts';
import { accept, CALL, type Changing, changing, SEEN } from './admin-call.ts';
import type { Effect, Fault } from './arena.ts';

export const alterConfig: Fault<AlterConfigFault> = {
  inject: async (spec, arena) => {
    const { admin } = arena;
    const resource = resourceOf(spec.where);
    const names = Object.keys(spec.config);
    const own = ownOf(await entriesOf(admin, resource), names);
    const before = await effective(admin, spec.where, names);
    await change({ ...resource, set: spec.config }, spec.config, spec, arena);
    return {
      target: spec.where.kind === 'place' ? spec.where.topic : spec.whereText,
      probe: async () => effectOf(before, await effective(admin, spec.where, names)),
      heal: async () => {
        const unset = names.filter((name) => own[name] === undefined);
        // An interruption ends what is waited for, but not the healing.
        const healing = { ...arena, signal: undefined };
        await change({ ...resource, set: own, unset }, before, spec, healing);
      },
    };
  },
};

/** What Kafka has no value for, or does not tell. */
const UNSET = 'unset';

const resourceOf = (where: SettingsWhere): Resource => {
  if (where.kind === 'place') return { kind: 'topic', name: where.topic };
  return { kind: 'broker', name: where.kind === 'broker' ? String(where.id) : '' };
};

async function entriesOf(admin: Admin, resource: Resource): Promise<readonly ConfigEntry[]> {
  const [answer] = await admin.describeConfigs([resource], CALL);
  accept('tell its settings', answer);
  return answer?.entries ?? [];
}

/** What was set there itself, and is to be set again. */
const ownOf = (entries: readonly ConfigEntry[], names: readonly string[]): KafkaConfig =>
  Object.fromEntries(
    entries.flatMap(({ name, value, isOwn }) =>
      names.includes(name) && isOwn && value !== null ? [[name, value] as const] : [],
    ),
  );

/** The values in force; of all brokers, those of the first that has another than the rest, so that none is missed. */
async function effective(
  admin: Admin,
  where: SettingsWhere,
  names: readonly string[],
): Promise<KafkaConfig> {
  const { brokers } = await admin.metadata([]);
  const asked: Resource[] =
    where.kind === 'all-brokers'
      ? brokers.map(({ id }) => ({ kind: 'broker', name: String(id) }))
      : [resourceOf(where)];
  const told = await Promise.all(asked.map((one) => entriesOf(admin, one)));
  return Object.fromEntries(
    names.map((name) => {
      const values = told.map((entries) => entries.find((entry) => entry.name === name)?.value);
      const [first] = values;
      if (first === undefined) throw new Error(`${name} is no setting of it`);
      const value = values.find((other) => other !== first) ?? first;
      return [name, value ?? UNSET] as const;
    }),
  );
}

type Change = Resource & { readonly set: KafkaConfig; readonly unset?: readonly string[] };

/** Asks for it and waits until everybody asked tells the values `wanted`. */
async function change(
  asked: Change,
  wanted: KafkaConfig,
  { name, where }: AlterConfigFault,
  arena: Changing,
): Promise<void> {
  const { admin, signal } = arena;
  const topic = where.kind === 'place' ? where.topic : null;
  await changing(arena, name, { kind: 'settings', topic, config: wanted }, async () => {
    const [answer] = await admin.incrementalAlterConfigs([asked], CALL);
    accept(`change ${Object.keys(wanted).join(', ')}`, answer);
    const seen = async () => {
      const now = await effective(admin, where, Object.keys(wanted));
      return Object.entries(wanted).every(([key, value]) => now[key] === value);
    };
    await waitFor('the change of settings', seen, { ...SEEN, signal });
  });
}

function effectOf(before: KafkaConfig, now: KafkaConfig): Effect {
  const changed = Object.keys(now).filter((name) => now[name] !== before[name]);
  return changed.length === 0
    ? { proven: false, evidence: 'its settings are what they were' }
    : {
        proven: true,
        evidence: changed.map((name) => `${name} ${before[name]} → ${now[name]}`).join(', '),
      };
}

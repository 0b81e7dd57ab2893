/** The broker that looks after a group: found when somebody asks for it, and again when it is another one. */
import type { Address } from '../../lib/address.ts';
import { environmentError } from '../../lib/errors.ts';
import type { Api } from '../../wire/api.ts';
import { findCoordinator, GROUP_KEY } from '../../wire/apis/find-coordinator.ts';
import { isPassing } from '../../wire/brokers.ts';
import { codeOf, errorName } from '../../wire/errors.ts';
import type { Calls } from './calls.ts';
import type { Directory } from './directory.ts';

/** It is another one now, or not one yet. */
const ELSEWHERE: ReadonlySet<number> = new Set([
  codeOf('COORDINATOR_NOT_AVAILABLE'),
  codeOf('NOT_COORDINATOR'),
  codeOf('REQUEST_TIMED_OUT'),
]);

export class Coordinator {
  readonly #group: string;
  readonly #directory: Directory;
  readonly #calls: Calls;
  #address: Address | null = null;

  constructor(group: string, directory: Directory, calls: Calls) {
    this.#group = group;
    this.#directory = directory;
    this.#calls = calls;
  }

  /** Rejects as connections do, and with `kafka.unreachable` while no broker is the coordinator. */
  async ask<Q, S, QI>(api: Api<Q, S, QI, never>, request: QI, timeoutMs: number): Promise<S> {
    this.#address ??= await this.#find();
    try {
      return await this.#calls.to(this.#address, api, request, timeoutMs);
    } catch (error) {
      if (isPassing(error)) this.#address = null;
      throw error;
    }
  }

  /** It answered with this code: whether it is asked again, or another one, follows from it. */
  answered(errorCode: number): void {
    if (ELSEWHERE.has(errorCode)) this.#address = null;
  }

  /** Ends what is asked of it at the moment. */
  hangUp(): void {
    if (this.#address !== null) this.#calls.hangUp(this.#address);
  }

  async #find(): Promise<Address> {
    const answer = await this.#directory.ask(findCoordinator, {
      ...{ key: this.#group, keyType: GROUP_KEY, coordinatorKeys: [this.#group] },
    });
    const { errorCode, host, port } = answer.coordinators[0] ?? answer;
    if (errorCode === 0) return { host, port };
    throw environmentError(
      'kafka.unreachable',
      `no broker coordinates group ${this.#group}: ${errorName(errorCode)}`,
    );
  }
}

/**
 * Where a Docker engine may be, as its own command line looks for it: DOCKER_HOST, then the current context, then
 * the sockets that engines usually open (rootless ones and Podman's too). Nothing here dials.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { environmentError } from '../lib/errors.ts';
import type { HostEnvironment } from './environment.ts';

/** Plain data, so that the reaper finds the same engine again from a state file. */
export type EngineEndpoint = {
  /** `unix:///run/docker.sock`, or `tcp://127.0.0.1:2375`. */
  readonly url: string;
  /** What named it, for people: `DOCKER_HOST`, `context colima`, `default socket`. */
  readonly from: string;
  /** A folder with ca.pem, cert.pem and key.pem; null to speak plain HTTP. */
  readonly certificates: string | null;
};

/** One endpoint when the user named it, otherwise those worth asking, in order. Throws `engine.address`. */
export function engineEndpoints(host: HostEnvironment): readonly EngineEndpoint[] {
  const { env } = host;
  const named = env['DOCKER_HOST'];
  if (named) return [accepted(fromVariables(named, host))];
  const context = contextName(host);
  return context === 'default' ? defaultSockets(host) : [accepted(fromContext(context, host))];
}

const homeOf = ({ env }: HostEnvironment): string => env['HOME'] || homedir();

const configFolder = (host: HostEnvironment): string =>
  host.env['DOCKER_CONFIG'] || join(homeOf(host), '.docker');

function fromVariables(url: string, host: HostEnvironment): EngineEndpoint {
  const certificates = host.env['DOCKER_CERT_PATH'] || configFolder(host);
  return {
    url: url.includes('://') ? url : `tcp://${url}`,
    from: 'DOCKER_HOST',
    certificates: host.env['DOCKER_TLS_VERIFY'] ? certificates : null,
  };
}

function contextName(host: HostEnvironment): string {
  const named = host.env['DOCKER_CONTEXT'];
  if (named) return named;
  const config = readJson(join(configFolder(host), 'config.json'));
  const current = (config as { currentContext?: unknown } | undefined)?.currentContext;
  return typeof current === 'string' && current !== '' ? current : 'default';
}

type ContextMeta = { readonly Endpoints?: { readonly docker?: { readonly Host?: string } } };

function fromContext(name: string, host: HostEnvironment): EngineEndpoint {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(configFolder(host), 'contexts');
  const meta = readJson(join(contexts, 'meta', id, 'meta.json')) as ContextMeta | undefined;
  const url = meta?.Endpoints?.docker?.Host;
  if (!url) {
    throw environmentError('engine.address', `there is no Docker context \`${name}\``, {
      hint: 'see: docker context ls; choose one with DOCKER_CONTEXT, or set DOCKER_HOST',
    });
  }
  const tls = join(contexts, 'tls', id, 'docker');
  return { url, from: `context ${name}`, certificates: existsSync(tls) ? tls : null };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function defaultSockets(host: HostEnvironment): readonly EngineEndpoint[] {
  const runtime = host.env['XDG_RUNTIME_DIR'];
  const paths = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(homeOf(host), '.docker', 'run', 'docker.sock'),
    ...(runtime ? [join(runtime, 'podman', 'podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  return paths.map((path) => ({
    url: `unix://${path}`,
    from: 'default socket',
    certificates: null,
  }));
}

/** Ports of containers are published on the engine's loopback, so the engine has to be on this machine. */
function accepted(endpoint: EngineEndpoint): EngineEndpoint {
  const { url, from } = endpoint;
  if (/^unix:\/\/\/./.test(url)) return endpoint;
  const { protocol, hostname } = parsed(url);
  if (protocol === 'ssh:' || (protocol === 'tcp:' && !isLoopback(hostname))) {
    throw environmentError('engine.remote', `the Docker engine at ${url} is on another machine`, {
      hint: `${from} names it; ordeal reaches containers through loopback ports, so run it where the engine is`,
    });
  }
  if (protocol === 'tcp:') return endpoint;
  throw environmentError('engine.address', `${from} is no address of a Docker engine: ${url}`, {
    hint: 'it looks like unix:///var/run/docker.sock or tcp://127.0.0.1:2375',
  });
}

function parsed(url: string): { readonly protocol: string; readonly hostname: string } {
  return URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** A host and a port, as clients dial it. */

export type Address = { readonly host: string; readonly port: number };

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

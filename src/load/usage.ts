/** What this process costs: CPU time since the last question, and its resident memory. */

export type Usage = { readonly cpuMicros: number; readonly residentBytes: number };

export function createUsage(): () => Usage {
  let before = process.cpuUsage();
  return () => {
    const spent = process.cpuUsage(before);
    before = process.cpuUsage();
    return { cpuMicros: spent.user + spent.system, residentBytes: process.memoryUsage.rss() };
  };
}

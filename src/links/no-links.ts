/** The links of a run without proxies: nothing stands in the way of anything, and nothing can be broken. */
import { describeLink, type Links } from './links.ts';

export const noLinks = (): Links => ({
  proxied: [],
  apply: async ([link]) => {
    throw new Error(`no proxy stands in ${link === undefined ? 'any link' : describeLink(link)}`);
  },
  probe: async (link) => {
    throw new Error(`no proxy stands in ${describeLink(link)}`);
  },
  healAll: async () => {},
  [Symbol.asyncDispose]: async () => {},
});

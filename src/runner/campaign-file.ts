/** `campaign.json`: beside the folders of several runs, what they say together. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentError, messageOf } from '../lib/errors.ts';
import type { Campaign } from '../verify/campaign.ts';

export const CAMPAIGN_FILE = 'campaign.json';

export function writeCampaign(folder: string, campaign: Campaign): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, CAMPAIGN_FILE), `${JSON.stringify(campaign, null, 2)}\n`);
  } catch (error) {
    const message = `cannot write ${CAMPAIGN_FILE}: ${messageOf(error)}`;
    throw environmentError('out.unwritable', message, {
      hint: 'the runs are whole in their folders',
      cause: error,
    });
  }
}

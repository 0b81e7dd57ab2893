/** Sums vitest's JSON report into the closing line. A missing or unreadable report is a failure. */
import { existsSync, readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
if (!existsSync(path)) {
  console.log('no test report was written: the build or a check failed before the tests');
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const report = JSON.parse(readFileSync(path, 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
for (const file of brokenFiles) console.log(`could not run ${file.name}: ${file.message}`);
const failed = report.numFailedTests + brokenFiles.length;
const broken = failed > 0 || report.numPassedTests === 0 || status !== '0';
if (broken && failed === 0) console.log(`the test command exited ${status}`);
console.log(
  `${report.numPassedTests} passed, ${broken ? Math.max(1, failed) : 0} failed, ${skipped} skipped`,
);
process.exit(broken ? 1 : 0);

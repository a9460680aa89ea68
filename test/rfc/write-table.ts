/** `npm run rfc`: writes docs/rfc9293.md anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compliancePage } from './table.ts';

writeFileSync(join(import.meta.dirname, '../../docs/rfc9293.md'), compliancePage());

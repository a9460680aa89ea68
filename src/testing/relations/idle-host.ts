/** A host more, without a cable and without a program: it cannot matter. */
import { MacAddress } from '../../packet/mac-address.ts';
import { parsePrefix } from '../../packet/prefix.ts';
import type { Relation } from './relation.ts';

const NAME = 'idle-host';

export const IDLE_HOST: Relation = {
  name: 'an idle host',
  says: 'a host without cables and programs changes no packet and no time',
  agree: ['packets', 'delivered', 'programs', 'verdicts'],
  exception: () => null,
  variant: (scenario) => ({
    scenario: {
      ...scenario,
      hosts: {
        [NAME]: {
          interfaces: {
            eth0: {
              addresses: [parsePrefix('203.0.113.77/24')],
              slaac: false,
              dad: false,
              advertise: false,
              mac: MacAddress.parse('02:00:ff:00:00:01'),
              mtu: null,
            },
          },
          gateway: null,
          gateway6: null,
          routes: [],
          sysctls: {},
          profile: null,
          uid: 0,
        },
        ...scenario.hosts,
      },
    },
  }),
};

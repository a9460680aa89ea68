/** The built-in programs as data: what schema and documentation are made from. */
import { describe, expect, it } from 'vitest';
import { launch } from '../../src/apps/app.ts';
import type { GivenValues, ParameterTable } from '../../src/apps/parameters.ts';
import { APPS, appByName } from '../../src/apps/registry.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { ConfigError } from '../../src/sim/errors.ts';

const to = { address: IpAddress.parse('10.0.0.1'), port: 80 };

describe('the registry', () => {
  it('knows each program once, with words for all of its parameters', () => {
    const names = APPS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, doc, parameters } of APPS) {
      expect(name).toMatch(/^[a-z][a-z-]*$/);
      expect(doc, name).toMatch(/\.$/);
      for (const [key, parameter] of Object.entries(parameters)) {
        expect(parameter.doc, `${name} ${key}`).toMatch(/^[A-Z].*\.$/);
        if (parameter.type === 'choice') expect(parameter.choices).toContain(parameter.default);
      }
    }
  });

  it('has defaults that are within their own bounds', () => {
    for (const app of APPS) {
      const required = Object.entries(app.parameters).filter(([, parameter]) => !('default' in parameter));
      const given = Object.fromEntries(
        required.map(([key, { type }]) => [key, type === 'address' ? to.address : to]),
      );
      expect(() => launch(app, given), app.name).not.toThrow();
    }
  });

  it('says what is wrong with a name or a value', () => {
    expect(() => appByName('echo-sever')).toThrow(
      expect.objectContaining({
        message: "there is no program 'echo-sever'",
        expected: "did you mean 'echo-server'?",
      }),
    );
    const client = appByName('echo-client');
    const problem = (given: GivenValues<ParameterTable>) => {
      try {
        launch(client, given);
      } catch (error) {
        if (error instanceof ConfigError)
          return `${error.path.join('.')}: ${error.message} (${error.expected})`;
      }
      return 'nothing';
    };
    expect(problem({})).toBe("to: the parameter 'to' is missing (The server.)");
    expect(problem({ to, cuont: 2 })).toBe("cuont: there is no parameter 'cuont' (did you mean 'count'?)");
    expect(problem({ to, count: 0 })).toBe("count: 0 is out of bounds for 'count' (at least 1)");
    expect(problem({ to, protocol: 'sctp' })).toBe(
      "protocol: 'sctp' is not a value of 'protocol' (one of tcp, udp)",
    );
  });
});

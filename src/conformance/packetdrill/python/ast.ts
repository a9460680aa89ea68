/** The part of Python that `%{ }%` blocks use, as a tree. Offsets are into the script's text. */

export type PythonProgram = readonly Statement[];

export type Statement =
  | {
      readonly kind: 'assert';
      readonly at: number;
      readonly test: PythonExpression;
      readonly message: PythonExpression | null;
      /** The text of the test, for messages. */
      readonly text: string;
    }
  | { readonly kind: 'assign'; readonly at: number; readonly name: string; readonly value: PythonExpression }
  | { readonly kind: 'expression'; readonly at: number; readonly value: PythonExpression };

export type PythonExpression =
  | { readonly kind: 'constant'; readonly at: number; readonly value: number | string | boolean | null }
  | { readonly kind: 'name'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'unary';
      readonly at: number;
      readonly operator: string;
      readonly operand: PythonExpression;
    }
  | {
      readonly kind: 'binary';
      readonly at: number;
      readonly operator: string;
      readonly left: PythonExpression;
      readonly right: PythonExpression;
    }
  | {
      readonly kind: 'logical';
      readonly at: number;
      readonly operator: 'and' | 'or';
      readonly left: PythonExpression;
      readonly right: PythonExpression;
    }
  | {
      /** `first op rest[0] op rest[1] …`: true when every neighbouring pair compares so. */
      readonly kind: 'comparison';
      readonly at: number;
      readonly first: PythonExpression;
      readonly rest: readonly { readonly operator: string; readonly operand: PythonExpression }[];
    }
  | { readonly kind: 'tuple'; readonly at: number; readonly items: readonly PythonExpression[] }
  | {
      readonly kind: 'call';
      readonly at: number;
      readonly name: string;
      readonly args: readonly PythonExpression[];
    };

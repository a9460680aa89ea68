/** Integer arithmetic of `$((…))`: + - * / % and brackets. */

/** @returns the value, or null when the text is not understood */
export function evaluateArithmetic(text: string): number | null {
  const tokens = text.match(/\d+|[-+*/%()]|\S/g) ?? [];
  let next = 0;
  let depth = 0;

  function sum(): number {
    let value = product();
    while (tokens[next] === '+' || tokens[next] === '-') {
      value = tokens[next++] === '+' ? value + product() : value - product();
    }
    return value;
  }

  function product(): number {
    let value = operand();
    while (tokens[next] === '*' || tokens[next] === '/' || tokens[next] === '%') {
      const operator = tokens[next++];
      const right = operand();
      value = operator === '*' ? value * right : operator === '/' ? Math.trunc(value / right) : value % right;
    }
    return value;
  }

  function operand(): number {
    const token = tokens[next++];
    if (token === '-') return -operand();
    if (token === '(' && depth++ < 50) {
      const value = sum();
      return tokens[next++] === ')' ? value : Number.NaN;
    }
    return token !== undefined && /^\d+$/.test(token) ? Number(token) : Number.NaN;
  }

  const value = sum();
  return next === tokens.length && Number.isFinite(value) ? value : null;
}

// The masker stands between every message and its reader: whatever routerctl itself says must come through it unharmed.
import ts from 'typescript';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/core/redaction.js';
import { namesIn } from '../../src/playbook/expression.js';
import { sources, text } from '../architecture/tree.js';

/** What ends with a line is the content of a file. Every other text of the sources that is meant for people, values filled in with a plain word and with what looks like a value. */
function said(path: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      for (const value of ['lab', '/srv/router-1.1.0/file_2.yaml'])
        texts.push(node.head.text + node.templateSpans.map(({ literal }) => value + literal.text).join(''));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest));
  return texts.filter((words) => /[a-z]{2} [a-z]{2}/.test(words) && !words.endsWith('\n'));
}

test('what is wrong with an expression is not taken for a secret', () => {
  const { mask } = createRedactor();
  for (const source of ['steps.nope.verdict ==', '== 1', 'a b', '(1', '1 + )', '"x', '[1,', 'a ? b', '{"a" 1}', 'token(1', 'nope(']) {
    let message = '';
    try {
      namesIn(source);
    } catch (error) {
      message = `expression: ${error instanceof Error ? error.message : String(error)}`;
    }
    expect([source, mask(message)]).toEqual([source, message]);
    expect(message, source).not.toBe('');
  }
});

test('no message or hint of routerctl is taken for a secret', () => {
  const { mask } = createRedactor();
  const eaten = sources().flatMap((path) => said(path).flatMap((words) => (mask(words) === words ? [] : [`${path}: ${mask(words)}`])));
  expect(eaten).toEqual([]);
});

// What is answered in words: small facts that can be predicted from the question.

export function exactWordsOf(question: string): string | null {
  const words = /repl(?:y|ies) with exactly:?\s*["'`]?([^\n"'`]+)/i.exec(question)?.[1]?.trim();
  return words === undefined || words === '' ? null : words;
}

export function sumOf(question: string): string | null {
  // A number inside of a word, such as a random id, is no sum.
  const sum = /(?<![\w-])(-?\d{1,9})\s*([+*-])\s*(-?\d{1,9})(?![\w-])/.exec(question);
  return sum === null ? null : `The result is ${calculate(Number(sum[1]), sum[2] ?? '+', Number(sum[3]))}.`;
}

export function answerInWords(question: string): string {
  const words = question.split(/\s+/).filter((word) => word !== '').length;
  return exactWordsOf(question) ?? sumOf(question) ?? `You wrote ${words} words: ${question.slice(0, 200)}`;
}

function calculate(left: number, operator: string, right: number): number {
  if (operator === '*') return left * right;
  return operator === '+' ? left + right : left - right;
}

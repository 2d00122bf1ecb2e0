import { expect, test } from "vitest";
import { TextBuffer } from "../../../src/base/index.js";

test("pieces come out as they went in, whatever letters they have", () => {
  const buffer = new TextBuffer(1);
  buffer.add("äöü").add(" ").end("línea").lines("a\nb\n").add("𝄞");
  expect(buffer.text()).toBe("äöü línea\na\nb\n𝄞");
  expect(buffer.lineCount).toBe(3);
});

test("positions name what was written between them", () => {
  const buffer = new TextBuffer();
  buffer.end("first");
  const from = buffer.length;
  buffer.end("x".repeat(200_000));
  expect(buffer.text(from)).toBe(`${"x".repeat(200_000)}\n`);
  expect(buffer.text(0, from)).toBe("first\n");
});

test("a long piece that needs more room than it has letters is whole", () => {
  const piece = "é𝄞".repeat(100);
  expect(new TextBuffer(1).add(piece).end(piece).text()).toBe(`${piece}${piece}\n`);
});

import { inflateSync } from 'node:zlib';

/** How many pieces of text each page of a PDF shows, in order, as Chromium writes them: plain objects, deflated contents. */
export function textsOfPages(pdf: Buffer): number[] {
  const text = pdf.toString('latin1');
  const objects = new Map(
    [...text.matchAll(/(?:^|\n)(\d+) 0 obj\n?([^]*?)endobj/g)].map(
      ([, id, body]) => [id, body ?? ''] as const,
    ),
  );
  return [...objects.values()]
    .filter((body) => /\/Type\s*\/Page\b/.test(body))
    .map((body) => {
      const contents = /\/Contents (\d+) 0 R/.exec(body)?.[1] ?? '';
      return contentOf(objects.get(contents) ?? '').match(/\bT[jJ]\b/g)?.length ?? 0;
    });
}

function contentOf(object: string): string {
  const stream = /stream\r?\n([^]*?)\r?\n?endstream/.exec(object)?.[1] ?? '';
  return object.includes('/FlateDecode')
    ? inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')
    : stream;
}

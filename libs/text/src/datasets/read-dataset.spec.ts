import { describe, expect, it } from '@jest/globals';
import { type DatasetOptions, datasetUpload } from '@regatta/contracts';
import type { DatasetContent, PartField } from './collector.js';
import { type Example, type ExampleKind, exampleSchemas, readExamples } from './examples.js';
import { readDataset } from './read-dataset.js';

type Files = Partial<Record<PartField, string | Buffer | (string | Buffer)[]>>;
type Read = DatasetContent & { examples: Example[]; messages: string[] };

const optionFields = datasetUpload.omit({ name: true, file: true, validation: true, test: true });

/** Reads into memory; every example is checked against the contracts. */
async function read(
  kind: ExampleKind,
  files: Files | string | Buffer,
  options: Partial<DatasetOptions> = {},
  fileName = 'data.txt',
): Promise<Read> {
  let lines = '';
  const given = typeof files === 'string' || Buffer.isBuffer(files) ? { file: files } : files;
  const parts = Object.entries(given).flatMap(([field, contents]) =>
    [contents].flat().map((bytes) => ({ field: field as PartField, fileName, bytes: Buffer.from(bytes as string) })),
  );
  const content = await readDataset(kind, optionFields.parse({ kind, ...options }), parts, {
    append: (more) => {
      lines += more;
    },
    filter: async (keep) => {
      lines = lines.replace(
        /.*\n/g,
        (
          (number) => (line: string) =>
            keep(line, number++) ? line : ''
        )(0),
      );
    },
  });
  const examples: Example[] = readExamples(kind, Buffer.from(lines));
  for (const example of examples) exampleSchemas[kind].parse(example);
  expect(content.summary.examples).toBe(examples.length);
  return { ...content, examples, messages: content.warnings.map(({ line, message }) => `${line}: ${message}`) };
}

const stripped = ({ examples }: Read) => examples.map(({ split: _, ...rest }) => rest);
const texts = ({ examples }: Read) => examples.map((example) => ('text' in example ? example.text : ''));

describe('classification', () => {
  const expected = [
    { text: 'A dog barked.', label: 'pos' },
    { text: 'It was loud', label: 'neg' },
    { text: 'Quiet', label: 'pos' },
  ];

  it.each<[string, string, Partial<DatasetOptions>, Record<string, string>]>([
    ['label, tab, text', 'pos\tA dog barked.\nneg\tIt was loud\npos\tQuiet\n', {}, { label: '1', text: '2' }],
    [
      'Windows line ends and empty lines',
      'pos\tA dog barked.\r\n\r\nneg\tIt was loud\r\npos\tQuiet\r\n\r\n',
      {},
      { label: '1', text: '2' },
    ],
    ['old Mac line ends', 'pos\tA dog barked.\rneg\tIt was loud\rpos\tQuiet', {}, { label: '1', text: '2' }],
    [
      'a header that is known',
      'Text\tLabel\nA dog barked.\tpos\nIt was loud\tneg\nQuiet\tpos\n',
      {},
      { text: 'Text', label: 'Label' },
    ],
    [
      'commas with quotes',
      'label,text\npos,"A dog barked."\nneg,It was loud\n"pos",Quiet\n',
      {},
      { text: 'text', label: 'label' },
    ],
    ['semicolons', 'text;label\nA dog barked.;pos\nIt was loud;neg\nQuiet;pos\n', {}, { text: 'text', label: 'label' }],
    [
      'columns by name among others',
      'id\twho\tverdict\n1\tA dog barked.\tpos\n2\tIt was loud\tneg\n3\tQuiet\tpos\n',
      { textColumn: 'who', labelColumn: 'verdict' },
      { text: 'who', label: 'verdict' },
    ],
    [
      'columns by number',
      '1\tA dog barked.\tpos\n2\tIt was loud\tneg\n3\tQuiet\tpos\n',
      { textColumn: '2', labelColumn: '3', header: 'false' },
      { text: '2', label: '3' },
    ],
    [
      'JSON Lines',
      '{"label":"pos","text":"A dog barked."}\n\n{"text":"It was loud","label":"neg"}\n{"text":"Quiet","label":"pos"}\n',
      {},
      { text: 'text', label: 'label' },
    ],
    ['a JSON array', JSON.stringify(expected), {}, { text: 'text', label: 'label' }],
  ])('is read from %s', async (_what, file, options, columns) => {
    const found = await read('classification', file, options);
    expect(stripped(found)).toEqual(expected);
    expect(found.summary).toMatchObject({
      columns,
      words: 7,
      splits: null,
      labels: [
        { label: 'pos', count: 2 },
        { label: 'neg', count: 1 },
      ],
      leaks: { duplicates: 0, removed: 0, examples: [] },
    });
    expect(found.messages).toEqual([]);
  });

  it('takes numbers and truth values for labels', async () => {
    const found = await read(
      'classification',
      '{"text":"a b","label":0}\n{"text":"c d","label":1}\n{"text":"e","label":false}\n',
    );
    expect(found.summary.labels).toEqual(['0', '1', 'false'].map((label) => ({ label, count: 1 })));
  });

  it('lets no lone quote of tab-separated text swallow the lines behind it', async () => {
    const file = 'pos\t"Hello\nneg\the said "no\npos\t" is a quote\nneg\t5" disk\npos\t"whole"\n';
    const found = await read('classification', file);
    expect(texts(found)).toEqual(['"Hello', 'he said "no', '" is a quote', '5" disk', '"whole"']);
  });

  it('reads quotes of tab-separated text as a spreadsheet writes them', async () => {
    const file = 'pos\t"She said ""no"""\nneg\tplain\npos\t"tab ""\t"" inside"\n';
    // The last row has a tab within its quotes: by lines it is no whole cell, so that all quotes are letters.
    expect(texts(await read('classification', file))[0]).toBe('"She said ""no"""');
    const whole = 'pos\t"She said ""no"""\nneg\tplain\npos\t"a ""b"""\n';
    expect(texts(await read('classification', whole))).toEqual(['She said "no"', 'plain', 'a "b"']);
  });

  it('reads quoted line ends of a CSV and tells the lines where rows begin', async () => {
    const file = 'text,label\n"two\nlines",a\n,b\n"three\r\nmore\nlines",b\n"no label",\nlast,a\n';
    const found = await read('classification', file);
    expect(texts(found)).toEqual(['two\nlines', 'three\r\nmore\nlines', 'last']);
    expect(found.messages).toEqual(['4: Has no text.', '8: Has no label.']);
  });

  it('reads commas that were not quoted as part of the last column, and says so', async () => {
    const file = 'label,text\nham,one\nspam,"two, quoted"\nham,three, not quoted\nspam,four\n';
    const found = await read('classification', file);
    expect(texts(found)).toEqual(['one', 'two, quoted', 'three, not quoted', 'four']);
    expect(found.messages).toEqual(['4: Has 3 columns instead of 2; the rest was read as part of the last.']);
  });

  it('tells a header by what stands below it', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `${i % 2 ? 'ham' : 'spam'},words of row ${i}`);
    expect((await read('classification', ['v1,v2', ...rows].join('\n'))).summary).toMatchObject({
      examples: 9,
      columns: { label: 'v1', text: 'v2' },
    });
    expect((await read('classification', rows.join('\n'))).summary).toMatchObject({
      examples: 9,
      columns: { label: '1', text: '2' },
    });
    // A label that is also a usual name of a column, and recurs, is no header.
    const topics = ['topic\twhat is it', 'intent\twant it', 'topic\tthe thing', 'intent\tdo it'];
    expect((await read('classification', topics.join('\n'))).examples).toHaveLength(4);
  });

  it('finds the label among several columns (as in CoLA)', async () => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `gj0${i % 5}\t${i % 2}\t${i % 2 ? '' : '*'}\tsentence number ${i} of the test`,
    );
    expect((await read('classification', rows.join('\n'))).summary.columns).toEqual({ label: '2', text: '4' });
  });

  it.each<[string, Buffer, string]>([
    ['UTF-8 with a mark', Buffer.from('\ufefftext\tlabel\nGröße\ta\nMaß\tb\n'), 'utf-8'],
    ['UTF-16', Buffer.from('\ufefftext\tlabel\nGröße\ta\nMaß\tb\n', 'utf16le'), 'utf-16le'],
    ['Latin-1', Buffer.from('text\tlabel\nGröße\ta\nMaß\tb\n', 'latin1'), 'windows-1252'],
  ])('is read from %s', async (_what, file, encoding) => {
    const found = await read('classification', file);
    expect(texts(found)).toEqual(['Größe', 'Maß']);
    expect(found.summary).toMatchObject({ encoding, columns: { text: 'text', label: 'label' } });
    expect(found.messages).toEqual(
      encoding === 'windows-1252' ? ['0: The file is not UTF-8; it was read as windows-1252.'] : [],
    );
  });

  it('keeps emoji and right-to-left text as they are', async () => {
    const found = await read('classification', 'a\tשלום 👩‍👩‍👧 עולם\nb\tمرحبا\u200f بالعالم\na\t🎈\n');
    expect(texts(found)).toEqual(['שלום 👩‍👩‍👧 עולם', 'مرحبا\u200f بالعالم', '🎈']);
    expect(found.messages).toEqual([]);
  });

  it('cuts a line of a megabyte and says so', async () => {
    const found = await read('classification', `a\tshort\nb\t${'wörter '.repeat(150_000)}\na\tlast\n`);
    expect(texts(found)[1].length).toBeLessThanOrEqual(100_000);
    expect(texts(found)[1].endsWith('wörter')).toBe(true);
    expect(found.messages).toEqual(['2: A text of 1,049,999 characters was cut to 100,000.']);
  });

  it('leaves out rows that JSON can write but nothing can store', async () => {
    const file =
      '{"text":"a\\u0000b","label":"x"}\n{"text":"half \\ud83c","label":"x"}\n{"text":"ok","label":"y"}\nnonsense\n{"text":"last","label":"y"}\n';
    const found = await read('classification', file);
    expect(texts(found)).toEqual(['half \ufffd', 'ok', 'last']);
    expect(found.messages).toEqual([
      '1: Holds a NUL character in its text.',
      '2: Holds damaged characters (U+FFFD).',
      '4: Is not JSON.',
    ]);
  });

  it('lists the first hundred warnings and counts the rest', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => (i % 2 ? `${i % 3 ? 'a' : 'b'}\ttext ${i}` : `a\t`));
    rows.push('b\tone more', 'a\tand more');
    const { warnings } = await read('classification', rows.join('\n'));
    expect(warnings).toHaveLength(101);
    expect(warnings.at(-1)).toEqual({ line: 0, message: 'And 150 more warnings.' });
  });
});

describe('the other tables', () => {
  it('reads pairs with labels', async () => {
    const file = 'sentence1\tsentence2\tlabel\nIt rains.\tIt is wet.\tyes\nIt rains.\tIt is dry.\tno\n';
    expect(stripped(await read('pair-classification', file))).toEqual([
      { text: 'It rains.', textPair: 'It is wet.', label: 'yes' },
      { text: 'It rains.', textPair: 'It is dry.', label: 'no' },
    ]);
    const bare = 'yes\tIt rains.\tIt is wet.\nno\tIt snows.\tIt is dry now.\n';
    expect((await read('pair-classification', bare)).summary.columns).toEqual({ label: '1', text: '2', textPair: '3' });
  });

  it('reads scores of one text and of two', async () => {
    const one = await read('regression', 'score,text\n1.5,good\n"2,25",better\n-3e-1,bad\n');
    expect(stripped(one)).toEqual([
      { text: 'good', textPair: null, value: 1.5 },
      { text: 'better', textPair: null, value: 2.25 },
      { text: 'bad', textPair: null, value: -0.3 },
    ]);
    expect(one.summary.labels).toBeNull();
    // As the STS benchmark has them, without a header.
    const two = 'main\tMSRvid\t2012\t0001\t5.000\tA plane is taking off.\tAn air plane is taking off.\n';
    const more = 'main\tMSRvid\t2012\t0004\t3.8\tA man plays a large flute.\tA man is playing a flute.\n';
    expect((await read('regression', two + more)).summary.columns).toEqual({ label: '5', text: '6', textPair: '7' });
  });

  it('leaves out what is no number', async () => {
    const found = await read('regression', 'text,score\na b,1\nc d,two\ne f,NaN\ng h,3\ni j,4\n');
    expect(found.messages).toEqual(['3: "two" is no number.', '4: "NaN" is no number.']);
  });

  it('follows a column that says the split', async () => {
    const file = 'text,label,split\na b,x,train\nc d,y,dev\ne f,y,Train\ng h,x,TEST\ni j,x,other\n';
    const found = await read('classification', file);
    expect(found.examples.map(({ split }) => split)).toEqual(['train', 'validation', 'train', 'test']);
    expect(found.summary).toMatchObject({ splits: { train: 2, validation: 1, test: 1 }, columns: { split: 'split' } });
    expect(found.messages).toEqual(['6: "other" is none of train, validation and test.']);
  });
});

describe('files of their own for validation and test', () => {
  const train = 'label,text\na,one\nb,two\na,three\n';

  it('give the splits, whatever the order of their columns', async () => {
    const found = await read('classification', {
      file: train,
      validation: 'text,label\nfour,a\n',
      test: 'label,text\nb,five\na,six\n',
    });
    expect(found.examples.map(({ split }) => split)).toEqual(['train', 'train', 'train', 'validation', 'test', 'test']);
    expect(texts(found)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
    expect(found.summary.splits).toEqual({ train: 3, validation: 1, test: 2 });
  });

  it('never share an input with training', async () => {
    const found = await read('classification', {
      file: `${train}b,  four \na,four\n`,
      test: 'label,text\nb,four\na,three\nb,five\n',
    });
    expect(texts(found)).toEqual(['one', 'two', 'four', 'three', 'five']);
    expect(found.summary).toMatchObject({
      splits: { train: 2, test: 3 },
      words: 5,
      leaks: {
        duplicates: 3,
        removed: 3,
        examples: expect.arrayContaining([
          { line: 4, text: 'three' },
          { line: 5, text: 'four' },
        ]),
      },
      labels: [
        { label: 'b', count: 3 },
        { label: 'a', count: 2 },
      ],
    });
    expect(found.messages).toEqual([
      '4: 3 training examples were left out: the same input is held out for validation or test.',
    ]);
  });

  it('tell a label that training does not have, and keep its example', async () => {
    const found = await read('classification', { file: train, test: 'label,text\na,x\nzzz,y\n' });
    expect(found.summary.splits).toEqual({ train: 3, test: 2 });
    expect(found.messages).toEqual(['3: In test: The label "zzz" does not occur in training: no model can learn it.']);
  });
});

describe('tagging', () => {
  it('reads columns with tabs or blanks, several of them, and marks between documents', async () => {
    const file = '-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n\n\nPeter NNP I-NP B-PER\n# NN I-NP O\n';
    const found = await read('tagging', file.replaceAll('\n', '\r\n'), {}, 'eng.train');
    expect(stripped(found)).toEqual([
      { tokens: ['EU', 'rejects'], tags: ['B-ORG', 'O'] },
      { tokens: ['Peter', '#'], tags: ['B-PER', 'O'] },
    ]);
    expect(found.summary).toMatchObject({ columns: { tokens: '1', tags: 'last' }, words: 4 });
    const pos = await read('tagging', file, { tagColumn: '2' });
    expect(stripped(pos)[0]).toEqual({ tokens: ['EU', 'rejects'], tags: ['NNP', 'VBZ'] });
    expect(stripped(await read('tagging', 'New York\tB\nis\tO\n\nא\tB\n👍\tO\n'))).toEqual([
      { tokens: ['New York', 'is'], tags: ['B', 'O'] },
      { tokens: ['א', '👍'], tags: ['B', 'O'] },
    ]);
  });

  it('reads CoNLL-U', async () => {
    const word = (n: string, text: string, pos: string) =>
      [n, text, text, pos, '_', '_', '0', 'root', '_', '_'].join('\t');
    const file = [
      '# newdoc',
      "# text = don't",
      word('1-2', "don't", '_'),
      word('1', 'do', 'AUX'),
      word('2', "n't", 'PART'),
      '',
      word('1', 'Go', 'VERB'),
    ].join('\n');
    expect(stripped(await read('tagging', file))).toEqual([
      { tokens: ['do', "n't"], tags: ['AUX', 'PART'] },
      { tokens: ['Go'], tags: ['VERB'] },
    ]);
  });

  it('reads JSON with lists, and a table with a sentence a row', async () => {
    const json =
      '{"id":"0","tokens":["EU","rejects"],"ner_tags":[3,0]}\n{"id":"1","tokens":["Peter"],"ner_tags":[1]}\n';
    expect(stripped(await read('tagging', json))[0]).toEqual({ tokens: ['EU', 'rejects'], tags: ['3', '0'] });
    const csv = 'words,tags\n"a, b",X Y\nc d,X Y\n';
    expect(stripped(await read('tagging', csv, {}, 'x.csv'))).toEqual([
      { tokens: ['a,', 'b'], tags: ['X', 'Y'] },
      { tokens: ['c', 'd'], tags: ['X', 'Y'] },
    ]);
  });

  it('leaves out a sentence with a token that lacks its tag', async () => {
    const found = await read('tagging', 'a X\nb\n\nc X\nd Y\n\n{ Y\n');
    expect(stripped(found)).toEqual([
      { tokens: ['c', 'd'], tags: ['X', 'Y'] },
      { tokens: ['{'], tags: ['Y'] },
    ]);
    expect(found.messages).toEqual([
      '1: Line 2 has 1 column: a token or its tag is missing, so its sentence was left out.',
    ]);
  });
});

describe('question answering', () => {
  const squad = (context: string, ...qas: unknown[]) =>
    JSON.stringify({ version: '1.1', data: [{ title: 't', paragraphs: [{ context, qas }] }] }, null, 1);
  const ask = (id: string, text: string, answer_start: number) => ({
    id,
    question: 'Who?',
    answers: [{ text, answer_start }],
  });

  it('reads SQuAD, whose offsets count code points, into UTF-16 units', async () => {
    const context = '🎈🎈 Ada met Bo. Bo left.';
    const found = await read('question-answering', squad(context, ask('q1', 'Ada', 3), ask('q2', 'Bo', 15)));
    expect(stripped(found)).toEqual(
      [
        { id: 'q1', question: 'Who?', context, answers: [{ text: 'Ada', start: 5 }] },
        { id: 'q2', question: 'Who?', context, answers: [{ text: 'Bo', start: 17 }] },
      ].map((example) => expect.objectContaining(example)),
    );
    for (const example of found.examples)
      if ('answers' in example)
        for (const { text, start } of example.answers)
          expect(example.context.slice(start, start + text.length)).toBe(text);
    expect(found.messages).toEqual([]);
  });

  it('reads the impossible questions of SQuAD 2.0', async () => {
    const impossible = {
      id: 'q1',
      question: 'Why?',
      // Some files list the plausible ones here too.
      answers: [{ text: 'Ada', answer_start: 0 }],
      plausible_answers: [{ text: 'x', answer_start: 0 }],
      is_impossible: true,
    };
    const twice = {
      id: 'q2',
      question: 'Who?',
      answers: [
        { text: 'Ada', answer_start: 0 },
        { text: 'Ada', answer_start: 0 },
      ],
      is_impossible: false,
    };
    expect(stripped(await read('question-answering', squad('Ada met Bo.', impossible, twice)))).toMatchObject([
      { answers: [] },
      { answers: [{ text: 'Ada', start: 0 }] },
    ]);
  });

  it('moves an answer that stands nearby, leaves out one that does not', async () => {
    const context = `Ada met Bo. ${'x '.repeat(200)}Ada.`;
    const file = squad(
      context,
      ask('near', 'Bo', 5),
      ask('gone', 'Cleo', 3),
      ask('far', 'Ada', 200),
      ask('ok', 'met', 4),
    );
    const found = await read('question-answering', file);
    expect(stripped(found)).toMatchObject([{ id: 'near', answers: [{ start: 8 }] }, { id: 'ok' }]);
    const lineOf = (id: string) => file.slice(0, file.indexOf(`"${id}"`)).split('\n').length;
    expect(found.messages).toEqual([
      `${lineOf('near')}: Question near: The answer "Bo" stands 3 characters after its place; it was moved.`,
      `${lineOf('gone')}: Question gone: The answer "Cleo" does not stand at its place in the context, nor near it.`,
      `${lineOf('far')}: Question far: The answer "Ada" does not stand at its place in the context, nor near it.`,
    ]);
  });

  it('reads JSON Lines as Hugging Face has them, and tables', async () => {
    const json = {
      id: 'a',
      title: 't',
      context: 'Ada met Bo.',
      question: 'Who?',
      answers: { text: ['Bo', 'Ada'], answer_start: [8, 0] },
    };
    const none = { ...json, id: 'b', answers: { text: [], answer_start: [] } };
    expect(
      stripped(await read('question-answering', `${JSON.stringify(json)}\n${JSON.stringify(none)}\n`)),
    ).toMatchObject([
      {
        id: 'a',
        answers: [
          { text: 'Bo', start: 8 },
          { text: 'Ada', start: 0 },
        ],
      },
      { id: 'b', answers: [] },
    ]);
    const csv = 'question,context,answer\nWho?,"Ada met Bo, and Bo left",Bo\nWhom?,Ada met Bo,\n';
    const found = await read('question-answering', csv);
    expect(stripped(found)).toMatchObject([{ id: 'line-2', answers: [{ text: 'Bo', start: 8 }] }, { answers: [] }]);
    expect(found.messages).toEqual(['2: The answer "Bo" occurs several times; the first was taken.']);
  });
});

describe('translation', () => {
  const expected = [
    { source: 'Go.', target: 'Va !' },
    { source: 'Hi', target: 'Salut' },
  ];

  it.each<[string, Files, Partial<DatasetOptions>]>([
    ['two files', { file: ['Go.\nHi\n\n', 'Va !\r\nSalut'] }, {}],
    ['two files with blank lines at the same place', { file: ['Go.\n\nHi\n', 'Va !\n\nSalut\n'] }, {}],
    [
      'pairs with an attribution behind (as Tatoeba)',
      { file: 'Go.\tVa !\tCC-BY 2.0 #1\nHi\tSalut\tCC-BY 2.0 #2\n' },
      {},
    ],
    ['a header of languages', { file: 'en\tfr\nGo.\tVa !\nHi\tSalut\n' }, {}],
    [
      'columns in another order',
      { file: 'French,English\nVa !,Go.\nSalut,Hi\n' },
      { sourceColumn: 'English', targetColumn: 'French' },
    ],
    [
      'JSON as Hugging Face has it',
      { file: '{"id":1,"translation":{"en":"Go.","fr":"Va !"}}\n{"id":2,"translation":{"en":"Hi","fr":"Salut"}}\n' },
      {},
    ],
  ])('is read from %s', async (_what, files, options) => {
    const found = await read('translation', files, options);
    expect(stripped(found)).toEqual(expected);
    expect(found.messages).toEqual([]);
  });

  it('tells the languages where they are known', async () => {
    expect((await read('translation', 'en\tzh\nGo.\t去。\nHi\t嗨\n')).summary.languages).toEqual({
      source: 'en',
      target: 'zh',
    });
    const two: Files = { file: ['a\n', 'b\n'] };
    expect((await read('translation', two, { sourceLanguage: 'en', targetLanguage: 'zh' })).summary.languages).toEqual({
      source: 'en',
      target: 'zh',
    });
    expect((await read('translation', two)).summary.languages).toBeNull();
  });

  it('does not count Unicode line ends, which would shift the lines', async () => {
    const found = await read('translation', { file: ['one\u2028more\ntwo\u0085\n', 'un\ndeux\n'] });
    expect(stripped(found)).toEqual([
      { source: 'one\u2028more', target: 'un' },
      { source: 'two\u0085', target: 'deux' },
    ]);
  });

  it('leaves out a pair with one side empty, or of a megabyte', async () => {
    const found = await read('translation', { file: [`a\nb\n${'c '.repeat(500_000)}\nd\n e \n`, 'A\n \nC\nD\nE\n'] });
    expect(stripped(found)).toEqual([
      { source: 'a', target: 'A' },
      { source: 'd', target: 'D' },
      { source: 'e', target: 'E' },
    ]);
    expect(found.messages).toEqual([
      '2: Has no target.',
      '3: The source has 999,999 characters; at most 20,000 are read.',
    ]);
  });

  it('takes two files for each split', async () => {
    const found = await read('translation', {
      file: ['a\nb\n', 'A\nB\n'],
      validation: ['c\n', 'C\n'],
      test: ['b\n', 'BB\n'],
    });
    expect(found.examples).toMatchObject([
      { source: 'a' },
      { source: 'c', split: 'validation' },
      { source: 'b', split: 'test', target: 'BB' },
    ]);
  });
});

describe('what cannot be read', () => {
  const many = (row: (i: number) => string, count = 30) => Array.from({ length: count }, (_, i) => row(i)).join('\n');

  it.each<[string, ExampleKind, Files | string | Buffer, Partial<DatasetOptions>, string, RegExp]>([
    ['an empty file', 'classification', '', {}, 'file', /empty/],
    ['blank lines', 'classification', '\n \n\t\n', {}, 'file', /no rows/],
    ['a header alone', 'classification', 'text,label\n', {}, 'file', /no rows below/],
    ['NUL bytes', 'classification', 'a\tb\nc\t\0d\n', {}, 'file', /NUL byte in line 2/],
    [
      'a binary file',
      'translation',
      Buffer.from(
        many((i) => String.fromCharCode(i % 32, 1, 2)),
        'latin1',
      ),
      {},
      'file',
      /binary/,
    ],
    [
      'a column that is not there',
      'classification',
      'text,label\na,b\n',
      { labelColumn: 'verdict' },
      'labelColumn',
      /no column "verdict"/,
    ],
    [
      'a column number that is too large',
      'classification',
      'a\tb\n',
      { textColumn: '3' },
      'textColumn',
      /no column "3"/,
    ],
    ['one column only', 'classification', 'just text\nmore text\n', {}, 'textColumn', /no column for text/],
    [
      'one column for a pair',
      'pair-classification',
      'text,label\na,b\n',
      {},
      'textPairColumn',
      /no column for textPair/,
    ],
    [
      'no number for a score',
      'regression',
      'good\ta text\nbad\tanother\n',
      {},
      'labelColumn',
      /no column for the label/,
    ],
    ['one class only', 'classification', 'text,label\na,x\nb,x\n', {}, 'file', /has the label "x"/],
    ['one score only', 'regression', 'text,score\na,1\nb,1.0\n', {}, 'file', /Every value is 1/],
    ['one tag only', 'tagging', 'a O\nb O\n\nc O\n', {}, 'file', /has the tag "O"/],
    [
      'a label for each text',
      'classification',
      many((i) => `label ${i}\ttext ${i}`),
      {},
      'file',
      /30 labels for 30 examples/,
    ],
    [
      'more labels than any model has',
      'classification',
      many((i) => `label ${i}\ttext ${i}`, 1200),
      {},
      'file',
      /more than 1,000/,
    ],
    [
      'labels of other kinds in test',
      'classification',
      { file: 'a\tx y\nb\tz\n', test: 'c\tq r\nd\ts\n' },
      {},
      'file',
      /No label of the held-out data/,
    ],
    [
      'test data that training holds whole',
      'classification',
      { file: 'a\tx y\nb\tz\n', test: 'a\tx y\nb\tz\n' },
      {},
      'file',
      /No training example is left/,
    ],
    [
      'a test file without the columns',
      'classification',
      { file: 'text,label\na b,x\nc,y\n', test: 'text,verdict\nd,x\n' },
      {},
      'test',
      /In test: There is no column "label"/,
    ],
    [
      'an empty test file',
      'classification',
      { file: 'text,label\na b,x\nc,y\n', test: '' },
      {},
      'test',
      /In test: The file is empty/,
    ],
    [
      'empty targets',
      'translation',
      'a\t\nb\t\nc\tC\n',
      {},
      'file',
      /Less than half .* 1 of 3 .* line 1: Has no target/,
    ],
    ['a target nowhere', 'translation', { file: ['a\nb\n', '\n\n'] }, {}, 'file', /2 lines, the target 0/],
    [
      'files of different lengths',
      'translation',
      { file: ['a\nb\nc\n', 'A\nB\n'] },
      {},
      'file',
      /3 lines, the target 2/,
    ],
    ['one file of two', 'translation', 'a\nb\n', { format: 'lines' }, 'file', /takes two files/],
    ['two files of a table', 'translation', { file: ['a\n', 'b\n'] }, { format: 'tsv' }, 'format', /two files/],
    ['two files of a kind that has one', 'classification', { file: ['a\tb\n', 'c\td\n'] }, {}, 'file', /given twice/],
    [
      'CoNLL without blank lines',
      'tagging',
      many((i) => `word${i} ${i % 2 ? 'O' : 'B'}`, 500),
      {},
      'file',
      /no blank lines: .* 500 tokens/,
    ],
    ['CoNLL with tokens alone', 'tagging', 'a\nb\n\nc\n', {}, 'file', /1 column/],
    [
      'a table with a token a row',
      'tagging',
      many((i) => `token${i},${i % 2 ? 'O' : 'B'}`),
      { format: 'csv' },
      'file',
      /Each row holds one token/,
    ],
    ['a CoNLL column by name', 'tagging', 'a O\nb B\n', { tagColumn: 'ner' }, 'tagColumn', /are numbered/],
    [
      'JSON that is no SQuAD',
      'question-answering',
      '{"data": [{"paragraphs": [{"text": 1}]}]}',
      {},
      'file',
      /not as SQuAD's are: data.0.paragraphs.0.context/,
    ],
    ['JSON cut short', 'question-answering', '{"data": [{"paragraphs": [', {}, 'file', /not JSON/],
    [
      'SQuAD whose answers are not there',
      'question-answering',
      JSON.stringify({
        data: [
          {
            paragraphs: [
              { context: 'c', qas: [{ id: '1', question: 'q', answers: [{ text: 'zz', answer_start: 0 }] }] },
            ],
          },
        ],
      }),
      {},
      'file',
      /Nothing .*does not stand at its place/,
    ],
    [
      'lines that are no JSON',
      'classification',
      'x\ny\n',
      { format: 'jsonl' },
      'file',
      /No line of the file is a JSON object/,
    ],
    [
      'a quote that is not closed',
      'classification',
      'text,label\na,x\n"b,y\nc,x\nd,y\n',
      {},
      'file',
      /A quote that opens in or after line 3 is not closed/,
    ],
    [
      'a format that the kind does not have',
      'classification',
      'a',
      { format: 'squad' },
      'format',
      /read from csv, tsv, jsonl/,
    ],
    ['an option of another kind', 'classification', 'a\tb', { sourceColumn: '1' }, 'sourceColumn', /does not belong/],
    [
      'a split said twice',
      'classification',
      { file: 'text,label,s\na,x,train\nb,y,train\n', test: 'text,label,s\nc,x,test\n' },
      { splitColumn: 's' },
      'splitColumn',
      /already/,
    ],
  ])('%s is refused', async (_what, kind, files, options, path, message) => {
    const refusal = await read(kind, files, options).then(
      () => undefined,
      (error) => error,
    );
    expect(refusal).toMatchObject({ name: 'AppError', message: expect.stringMatching(message), errors: [{ path }] });
    expect(['invalid', 'invalid-file']).toContain(refusal.code);
  });
});

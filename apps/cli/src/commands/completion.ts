import { Argument, type Command } from 'commander';

type Shell = 'bash' | 'zsh' | 'fish';

/** Every command as the words that lead to it, with the words that may follow. */
export function wordsOf(
  command: Command,
  path: string[] = [],
): { path: string; next: string[]; says: Map<string, string> }[] {
  const children = command.commands.filter((one) => one.name() !== 'help');
  const options = command.options.flatMap(({ long, description }) => (long ? [[long, description] as const] : []));
  const says = new Map([...children.map((one) => [one.name(), one.description()] as const), ...options]);
  const own = { path: path.join(' '), next: [...says.keys()], says };
  return [own, ...children.flatMap((one) => wordsOf(one, [...path, one.name()]))];
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const scripts: Record<Shell, (program: Command) => string> = {
  bash: (program) => `_regatta() {
  local words= i
  for ((i = 1; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} == -* ]] || words+="\${words:+ }\${COMP_WORDS[i]}"; done
  local next=
  while true; do
    case "$words" in
${wordsOf(program)
  .map(({ path, next }) => `      ${quote(path)}) next=${quote(next.join(' '))}; break ;;`)
  .join('\n')}
    esac
    [[ $words == *' '* ]] && words=\${words% *} || words=
  done
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _regatta regatta`,
  zsh: (program) => `autoload -U +X bashcompinit && bashcompinit\n${scripts.bash(program)}`,
  fish: (program) =>
    wordsOf(program)
      .flatMap(({ path, next, says }) => {
        const first =
          path === '' ? '__fish_use_subcommand' : `string match -q ${quote(`regatta ${path}*`)} -- (commandline -cp)`;
        return next.map((word) => {
          const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
          return `complete -c regatta -n ${quote(first)} ${what} -d ${quote(says.get(word) ?? '')}`;
        });
      })
      .join('\n'),
};

/** `regatta completion bash|zsh|fish`: the script that makes a shell complete the words of this very version. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description("print what makes a shell complete regatta's words: source <(regatta completion bash)")
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .action((shell: Shell) => console.log(scripts[shell](program)));
}

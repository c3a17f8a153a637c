"""`nbtrack completion`: what a shell needs to know to complete commands and options.

The script is made of the parser, so that it knows every option; it runs nothing of ours.
"""

from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence

from nbtrack.cli.parsing import SHELLS, parser
from nbtrack.cli.screen import Screen

_BASH = """\
# nbtrack completion for bash. Type:  source <(nbtrack completion bash)
_nbtrack() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command= words= at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${{COMP_WORDS[at]}} in
            --dir) ((at++)) ;;
            -*) ;;
            *) command=${{COMP_WORDS[at]}}; break ;;
        esac
    done
    case $command in
        '') words='{commands} {shared}' ;;
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _nbtrack nbtrack
"""
_BASH_CASE = "        {name}) words='{words}' ;;"

_ZSH = """\
#compdef nbtrack
# nbtrack completion for zsh. Type:  source <(nbtrack completion zsh)
_nbtrack() {{
    local -a commands
    commands=(
{commands}
    )
    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
        _describe command commands
        return
    fi
    case $words[2] in
{cases}
        *) compadd -- {shared} ;;
    esac
    _files
}}
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
compdef _nbtrack nbtrack
"""
_ZSH_COMMAND = "        '{name}:{help}'"
_ZSH_CASE = "        {name}) compadd -- {words} ;;"

_FISH = """\
# nbtrack completion for fish. Type:  nbtrack completion fish | source
{lines}
"""
_FISH_COMMAND = "complete -c nbtrack -n __fish_use_subcommand -f -a {name} -d '{help}'"
_FISH_OPTION = "complete -c nbtrack -n '__fish_seen_subcommand_from {name}' -l {option} -d '{help}'"


def complete(arguments: Namespace, screen: Screen) -> int:
    """Print a script for a shell."""
    whole = parser()
    made = dict(zip(SHELLS, (_for_bash, _for_zsh, _for_fish), strict=True))[arguments.shell](whole)
    for line in made.splitlines():
        screen.line(line)
    return 0


def _for_bash(whole: ArgumentParser) -> str:
    commands = _commands(whole)
    cases = [_BASH_CASE.format(name=name, words=_words(one)) for name, _, one in commands]
    names = " ".join(name for name, _, _ in commands)
    return _BASH.format(commands=names, shared=_words(whole), cases="\n".join(cases))


def _for_zsh(whole: ArgumentParser) -> str:
    commands = _commands(whole)
    named = [_ZSH_COMMAND.format(name=name, help=_quoted(text)) for name, text, _ in commands]
    cases = [_ZSH_CASE.format(name=name, words=_words(one)) for name, _, one in commands]
    return _ZSH.format(commands="\n".join(named), cases="\n".join(cases), shared=_words(whole))


def _for_fish(whole: ArgumentParser) -> str:
    lines = []
    for name, text, one in _commands(whole):
        lines.append(_FISH_COMMAND.format(name=name, help=_quoted(text)))
        lines += [
            _FISH_OPTION.format(name=name, option=option[2:], help=_quoted(action.help or ""))
            for action in one._actions  # noqa: SLF001 - argparse has no other way to ask
            for option in action.option_strings
            if option.startswith("--")
        ]
    return _FISH.format(lines="\n".join(lines))


def _commands(whole: ArgumentParser) -> Sequence[tuple[str, str, ArgumentParser]]:
    """Return the commands: name, what it does, its parser."""
    (found,) = [one for one in whole._actions if isinstance(one, _SubParsersAction)]  # noqa: SLF001
    helps = {one.dest: one.help or "" for one in found._choices_actions}  # noqa: SLF001
    return [(name, helps.get(name, ""), one) for name, one in found.choices.items()]


def _words(one: ArgumentParser) -> str:
    return " ".join(word for action in one._actions for word in _words_of(action))  # noqa: SLF001


def _words_of(action: Action) -> Iterator[str]:
    yield from (option for option in action.option_strings if option.startswith("--"))
    if not action.option_strings and not isinstance(action, _SubParsersAction):
        yield from map(str, action.choices or ())


def _quoted(text: str) -> str:
    """Return a text for single quotes, in which a shell must not find one."""
    return text.replace("'", "").replace("\\", "").replace(":", "")

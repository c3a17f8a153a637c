"""Secrets are taken out of what a run records: `***` stands where one was.

A secret is known by its shape (tokens of well-known services, private keys, addresses
with credentials) or by the name before it (`DB_PASSWORD=`, `--api-key`, `"password":`).
Where a name says little (`key`, `token`), the value must look like a secret as well, so
that `pad_token="<pad>"` and `key="val/loss"` stay. What is computed stays, too:
`password=getpass()` and `f"Bearer {token}"` hold no secret.

Every pattern takes time in proportion to the text: it begins only where a word does, and
what it repeats is bounded or never given back.
"""

import re
from collections.abc import Mapping, Sequence

MASK = "***"
"""What stands where a secret was; also harmless inside an address or a Python literal."""

_SHAPES = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{20,255}"  # GitHub
    r"|github_pat_[A-Za-z0-9_]{20,255}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_.-]{20,255}"  # GitLab
    r"|(?:hf|api_org)_[A-Za-z0-9]{30,100}"  # Hugging Face
    r"|sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{16,300}"  # OpenAI and its kin
    r"|sk-[A-Za-z0-9]{32,100}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}"  # Slack
    r"|xapp-[0-9]-[A-Za-z0-9-]{10,255}"
    r"|AIza[A-Za-z0-9_-]{35}"  # Google
    r"|ya29\.[A-Za-z0-9_-]{20,1024}"
    r"|GOCSPX-[A-Za-z0-9_-]{20,60}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{10,255}"  # Stripe
    r"|whsec_[A-Za-z0-9+/=]{20,100}"
    r"|npm_[A-Za-z0-9]{36}"
    r"|pypi-[A-Za-z0-9_-]{50,512}"
    r"|dop_v1_[a-f0-9]{64}"  # DigitalOcean
    r"|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"  # SendGrid
    r")"
)
_JWT = re.compile(  # unlike the others it reads far before it knows: it begins at words only
    r"(?:(?<![\w-])|(?<=^-))eyJ[\w-]{8,8192}+\.eyJ[\w-]{8,8192}+\.[\w-]{0,8192}+"
)
_HOOK = re.compile(
    r"(https://(?:hooks\.slack\.com/\w{1,20}|discord(?:app)?\.com/api/webhooks/\d{1,25})/)"
    r"[\w/+-]{10,200}"
)
_GAP = r"(?:\\[nr]|(?!-----E)[\s\"'+,()>-])"
_PRIVATE_KEY = re.compile(
    r"(?P<head>-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)"
    rf"(?:{_GAP}{{1,60}}+"
    r"(?:[A-Za-z0-9+/]{16,}+={0,2}|[A-Z][A-Za-z-]{2,20}: [^\n\\]{0,100}+))++"
    rf"(?:{_GAP}{{1,60}}+[A-Za-z0-9+/]{{1,15}}+={{0,2}})?+"
    rf"(?:{_GAP}{{0,60}}+-----END [A-Z0-9 ]{{0,30}}PRIVATE KEY(?: BLOCK)?-----)?+"
)
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20}://)"
    r"(?P<who>[^\s/?#\"'<>`]{1,500})@"
)
_NAME = (
    r"(?P<name>(?=[\w.-]{0,60}?(?i:key|token|secret|pass|pwd|auth|cred|sig|hook))"
    r"[A-Za-z_][\w.-]{0,60})"
)
_LITERAL = (
    r"\s{0,8}\(?\s{0,8}[rbfuRBFU]{0,2}(?P<quote>\"\"\"|'{3}|\"|')"
    r"(?P<value>(?:(?!(?P=quote))[^\\\n]|\\[^\n]){1,8192}+)(?P=quote)"
)
_ASSIGNED = re.compile(
    rf"(?<!\w){_NAME}[\"']?\]?"
    r"(?:\s{0,8}:\s{0,8}[A-Za-z_][\w.\[\]| ]{0,40}=|\s{0,8}(?:=(?!=)|:=?))" + _LITERAL
)
_CALLED = re.compile(r"(?<=[\"'])(?P<name>[A-Z][A-Z0-9_]{2,60})[\"']," + _LITERAL)
_SHELL = re.compile(
    r"(?<![\w.])(?P<name>[A-Z][A-Z0-9_]{2,60})=(?!=)"
    r"(?P<value>[^\s\"'`,;&|)}\]([]{1,2048}+)(?![(\[])"
)
_WORDS_OF_A_LINE = re.compile(
    r"(?<=[^\s,(=\[{] )(?P<name>[a-z][\w-]{2,40})=(?!=)"
    r"(?P<value>[^\s\"'`,;&|()\[\]{}]{1,2048}+)"
)
_YAML = re.compile(
    r"^[+\- \t]{0,80}+(?P<name>[A-Za-z][\w-]{1,40}):[ \t]{1,8}"
    r"(?![A-Z][A-Za-z]*[ \t]*\r?$)"  # a type of Python
    r"(?P<value>[^\s\"'#|>{}\[\](),]{1,2048}+)[ \t]*\r?$"
)
_QUERY = re.compile(
    r"(?<=[?&;])(?P<name>[A-Za-z][\w.-]{0,40})=(?P<value>[^\s&;#\"'<>`\\]{1,2048}+)"
)
_FLAG = re.compile(
    r"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{1,40})(?:=|\s{1,4})[\"']?"
    r"(?!-)(?P<value>[^\s\"'`]{1,2048}+)"
)
_USER = re.compile(
    r"(?<=\s)(?:-u|--user)[ =]{1,3}[\"']?[^\s:\"']{1,100}:(?P<value>[^\s\"']{1,500})"
)
_PASS = re.compile(r"(?<![\w-])sshpass\s{1,4}-p\s{0,4}[\"']?(?P<value>[^\s\"'$-][^\s\"']{0,500}+)")
_MAGIC = re.compile(
    r"(?:%env|%set_env|(?<!\w)setx)[ \t]{1,8}(?P<name>[A-Za-z_]\w{2,60}+)[ \t]{1,8}"
    r"(?P<value>[^\s=]\S{0,2047}+)"
)
_LOGIN = re.compile(
    r"(?<![\w-])wandb login(?: --?[a-z][\w=.:/-]{0,100}+){0,5} (?P<value>[A-Za-z0-9_-]{32,512}+)"
)
_PAIR = re.compile(
    r"(?:(?<!\w)auth[\"']?\s{0,4}[=:]\s{0,4}\(|(?:Basic|Digest|Proxy)Auth\(|\.login\()"
    r"\s{0,8}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|[A-Za-z_][\w.]{0,60}+)\s{0,4}," + _LITERAL
)
_BARE = re.compile(
    rf"^[+\- \t]{{0,80}}+{_NAME}[ \t]{{0,8}}=[ \t]{{0,8}}"
    r"(?P<value>(?=[^A-Z\n]{0,512}[A-Z])(?=[^a-z\n]{0,512}[a-z])(?=(?:\D{0,512}\d){2})"
    r"[A-Za-z0-9+/]{20,2048}+={0,2})[ \t]*(?:[#;].*)?$"
)
_HEADER = re.compile(
    r"(?i)(?<![\w-])(?:(?:proxy-)?authorization|x-api-key|x-auth-token|private-token)"
    r"[\"']?\s{0,4}[:=,]\s{0,4}f?[\"']?(?:(?:bearer|basic|token|digest|apikey)\s{1,4})?"
    r"(?P<value>[A-Za-z0-9._~+/=:-]{6,8192}+)"
)
_BEARER = re.compile(r"(?<!\w)[Bb]earer\s{1,4}(?P<value>[A-Za-z0-9._~+/=-]{16,8192}+)")

_HINTS = (
    *("key", "token", "secret", "pass", "pwd", "auth", "cred", "sig", "://", "bearer", "curl"),
    *("eyj", "akia", "asia", "abia", "acca", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat"),
    *("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-", "glimt-"),
    *("hf_", "api_org", "sk-", "xox", "xapp", "aiza", "ya29", "gocspx", "k_live_", "k_test_"),
    *("whsec_", "npm_", "pypi-", "dop_v1_", "sg.", "wandb login", ".login("),
)
"""One of these is in every text that any pattern could change, in small letters."""

_SURE = frozenset(
    {
        *(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "passcode",
            "secret",
            "secrets",
            "apikey",
            "authkey",
        ),
        *("accesskey", "secretkey", "privatekey", "accountkey", "sharedaccesskey", "apitoken"),
        *("authtoken", "accesstoken", "authorization", "alertwebhook"),
    }
)
"""A name that ends with one of these words names a secret, whatever its value is."""

_SURE_PAIRS = {
    "key": frozenset(
        {
            *("api", "access", "secret", "private", "auth", "account", "encryption", "signing"),
            *("master", "deploy", "license", "subscription", "client", "admin", "storage"),
        }
    ),
    "token": frozenset(
        {
            *("access", "auth", "api", "bearer", "refresh", "oauth", "session", "bot", "hub"),
            *("hf", "huggingface", "github", "gitlab", "gh", "slack", "secret", "csrf", "xsrf"),
            *("security", "deploy", "jupyter", "wandb", "jwt", "personal", "private", "login"),
        }
    ),
    "pass": frozenset(
        {
            *("db", "database", "mysql", "postgres", "pg", "redis", "smtp", "mail", "email", "ftp"),
            *("user", "root", "admin", "login", "proxy", "ssh", "sudo", "http"),
        }
    ),
}
"""The same of a last word that comes after one of some others."""

_SURE_ENDS = ("password", "passwd", "passphrase")
"""Glued to what they are of, as in PGPASSWORD."""

_UNSURE = frozenset(
    {
        *("key", "token", "auth", "cred", "creds", "credential", "credentials", "pass"),
        *("sig", "signature"),
    }
)
_SURELY, _PERHAPS, _NOT = 2, 1, 0

_HARMLESS = frozenset({"str", "bytes", "int", "float", "bool", "none", "null", "true", "false"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLACEHOLDER = re.compile(
    r"^(?:<.*>|\[.*\]|\.{2,}|\*+|…|%s|%\(\w+\)s|\$[A-Za-z_]\w*)$|\{[A-Za-z_][^{}]*\}|\$[({]"
)
_LOOKS_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_+/=.~%-]{16,}")


def without_secrets(text: str) -> str:
    """Return a text with `***` in place of the secrets in it.

    Args:
        text: Code, a diff, a log; any number of lines.

    Examples:
        >>> without_secrets('login(password="hunter2")')
        'login(password="***")'
        >>> without_secrets('tokenizer(text, max_tokens=256, pad_token="<pad>")')
        'tokenizer(text, max_tokens=256, pad_token="<pad>")'
    """
    if not _may_hold_secrets(text):
        return text
    text = _PRIVATE_KEY.sub(rf"\g<head>{MASK}", text)
    return "\n".join(_line_without_secrets(line) for line in text.split("\n"))


def arguments_without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a program with `***` in place of the secrets in them.

    Examples:
        >>> arguments_without_secrets(["train.py", "--lr", "0.1", "--password", "hunter2"])
        ['train.py', '--lr', '0.1', '--password', '***']
    """
    kept: list[str] = []
    before = ""
    for argument in arguments:
        is_value = before.startswith("-") and "=" not in before and not argument.startswith("-")
        if is_value and _is_secret_option(before.lstrip("-"), argument):
            kept.append(MASK)
        else:
            kept.append(_argument_without_secrets(argument))
        before = argument
    return kept


def variables_without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables of the environment with `***` in place of the secrets among them.

    Examples:
        >>> variables_without_secrets({"HF_TOKEN": "anything", "CUDA_VISIBLE_DEVICES": "0"})
        {'HF_TOKEN': '***', 'CUDA_VISIBLE_DEVICES': '0'}
    """
    return {
        name: MASK if text and _certainty(name) else without_secrets(text)
        for name, text in variables.items()
    }


def address_without_secrets(address: str) -> str:
    """Return an address without user, password and secret parts of its query.

    The user of ssh (`git@github.com:ada/digits.git`) is no secret and stays.

    Examples:
        >>> address_without_secrets("https://ada:s3cret@github.com/ada/digits.git")
        'https://github.com/ada/digits.git'
    """
    bare = re.sub(r"^(?!ssh:)([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/?#]*@", r"\1", address.strip())
    return without_secrets(bare)


def is_secret(name: str, value: str) -> bool:
    """Tell whether a value of such a name is a secret.

    Examples:
        >>> is_secret("db_password", "hunter2"), is_secret("sort_key", "created_at")
        (True, False)
    """
    if not value or _PLACEHOLDER.search(value):
        return False
    certainty = _certainty(name)
    if certainty == _PERHAPS:
        return bool(_LOOKS_RANDOM.fullmatch(value))
    return certainty == _SURELY


def _certainty(name: str) -> int:
    """Return how sure it is that a name is one of secrets."""
    words = [word.lower() for word in _WORDS.findall(name) if not word.isdecimal()]
    if not words or name == "PWD":  # the working directory of a shell
        return _NOT
    before, last = (words[-2] if len(words) > 1 else ""), words[-1]
    if (
        last.endswith(_SURE_ENDS)
        or {last, before + last} & _SURE
        or before in _SURE_PAIRS.get(last, ())
    ):
        return _SURELY
    return _PERHAPS if last in _UNSURE else _NOT


def _may_hold_secrets(text: str) -> bool:
    small = text.lower()
    return any(hint in small for hint in _HINTS)


def _line_without_secrets(line: str) -> str:
    if not _may_hold_secrets(line):
        return line
    for shape in (_SHAPES, _JWT):
        line = shape.sub(MASK, line)
    line = _HOOK.sub(rf"\1{MASK}", line)
    line = _ADDRESS.sub(_without_user, line)
    for pattern in (_HEADER, _BEARER):
        line = pattern.sub(_without_header, line)
    for pattern in (_QUERY, _FLAG):
        line = pattern.sub(_without_option, line)
    for pattern in (_PASS, _LOGIN, _PAIR):
        line = pattern.sub(_without_password, line)
    for pattern in (_ASSIGNED, _CALLED, _SHELL, _MAGIC, _BARE, _WORDS_OF_A_LINE, _YAML):
        line = pattern.sub(_without_value, line)
    return _USER.sub(_masked, line) if "curl" in line else line


def _argument_without_secrets(argument: str) -> str:
    name, equals, value = argument.partition("=")
    if equals and _is_secret_option(name.lstrip("-"), value):
        return f"{without_secrets(name)}={MASK}"
    return without_secrets(argument)


def _is_secret_option(name: str, value: str) -> bool:
    """Tell whether an option's value is a secret; a bare `token` always is one there."""
    is_token = name.lower() == "token" and not _PLACEHOLDER.search(value)
    return is_token or is_secret(name, value)


def _without_user(found: re.Match[str]) -> str:
    scheme, who = found["scheme"], found["who"]
    user, colon, password = who.partition(":")
    is_harmless = not colon and (scheme.lower() in ("ssh://", "git+ssh://") or user == "git")
    if is_harmless or _PLACEHOLDER.search(password or user):
        return found[0]
    return f"{scheme}{MASK}@"


def _without_header(found: re.Match[str]) -> str:
    is_word = not any(letter.isdecimal() for letter in found["value"])
    return found[0] if is_word else _masked(found)


def _without_password(found: re.Match[str]) -> str:
    return found[0] if _PLACEHOLDER.search(found["value"]) else _masked(found)


def _without_option(found: re.Match[str]) -> str:
    return _masked(found) if _is_secret_option(found["name"], found["value"]) else found[0]


def _without_value(found: re.Match[str]) -> str:
    """Put the mask in place of a value if its name is one of secrets."""
    value = found["value"]
    is_type = value.lower() in _HARMLESS
    return _masked(found) if not is_type and is_secret(found["name"], value) else found[0]


def _masked(found: re.Match[str]) -> str:
    start, end = (place - found.start() for place in found.span("value"))
    return f"{found[0][:start]}{MASK}{found[0][end:]}"

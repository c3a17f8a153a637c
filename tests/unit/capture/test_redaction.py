"""What is a secret and goes, and what looks like one and stays.

The tokens are put together here, so that no file of the project holds one.
"""

import pytest

from nbtrack.capture import (
    address_without_secrets,
    arguments_without_secrets,
    variables_without_secrets,
    without_secrets,
)

MIXED = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
UPPER = "ABCDEFGHIJ234567"
BODY = "\n".join([f"MIIEvQ{'Ab3/+' * 12}"] * 3)
HEAD = "-----BEGIN RSA PRIVATE KEY-----"
FOOT = "-----END RSA PRIVATE KEY-----"

TOKENS = {
    "aws": f"AKIA{UPPER}",
    "aws-temporary": f"ASIA{UPPER}",
    "github": f"ghp_{MIXED[:36]}",
    "github-fine": f"github_pat_{MIXED[:22]}_{MIXED}",
    "github-app": f"ghs_{MIXED[:36]}",
    "gitlab": f"glpat-{MIXED[:20]}",
    "hugging-face": f"hf_{MIXED[:34]}",
    "openai": f"sk-proj-{MIXED}-{MIXED}",
    "openai-old": f"sk-{MIXED[:20]}T3Blbk{MIXED[:22]}",
    "anthropic": f"sk-ant-api03-{MIXED}",
    "slack-bot": f"xoxb-{123456789012}-{MIXED}",
    "slack-app": f"xapp-1-A0123-{MIXED}",
    "google-key": f"AIza{MIXED[:35]}",
    "google-oauth": f"ya29.{MIXED}",
    "google-client": f"GOCSPX-{MIXED[:28]}",
    "stripe-live": f"sk_live_{MIXED[:24]}",
    "stripe-restricted": f"rk_test_{MIXED[:24]}",
    "stripe-hook": f"whsec_{MIXED[:32]}",
    "jwt": f"eyJ{MIXED[:20]}.eyJ{MIXED}.{MIXED}",
    "npm": f"npm_{MIXED[:36]}",
    "pypi": f"pypi-{MIXED}{MIXED}",
    "sendgrid": f"SG.{MIXED[:22]}.{MIXED}{MIXED[:3]}",
}

GOES = {
    "a literal": ('password = "hunter2"', 'password = "***"'),
    "single quotes": ("api_key='abc'", "api_key='***'"),
    "an f-string without fields": ('db_password = f"hunter2"', 'db_password = f"***"'),
    "an annotated one": ('password: str = "hunter2"', 'password: str = "***"'),
    "three quotes": ('secret = """abc"""', 'secret = """***"""'),
    "an argument": (
        'connect("host", password="hunter2", port=5432)',
        'connect("host", password="***", port=5432)',
    ),
    "a dict": (
        '{"user": "ada", "password": "hunter2", "n": 3}',
        '{"user": "ada", "password": "***", "n": 3}',
    ),
    "a dict after a name": ('{k: "xy", "password": "y1"}', '{k: "xy", "password": "***"}'),
    "an environment variable": (
        'os.environ["WANDB_API_KEY"] = "abc"',
        'os.environ["WANDB_API_KEY"] = "***"',
    ),
    "one that is set by a call": (
        'os.environ.setdefault("HF_TOKEN", "abc")',
        'os.environ.setdefault("HF_TOKEN", "***")',
    ),
    "a magic": ("%env WANDB_API_KEY=abcdef", "%env WANDB_API_KEY=***"),
    "a magic with a blank": ("%env WANDB_API_KEY abcdef", "%env WANDB_API_KEY ***"),
    "a login": (f"!wandb login --relogin {MIXED}", "!wandb login --relogin ***"),
    "a pair": ('get(url, auth=("ada", "hunter2"))', 'get(url, auth=("ada", "***"))'),
    "a pair of a class": ("HTTPBasicAuth(user, 'hunter2')", "HTTPBasicAuth(user, '***')"),
    "a login by a call": ('smtp.login("ada", "hunter2")', 'smtp.login("ada", "***")'),
    "one in parentheses": ('password = ("hunter2")', 'password = ("***")'),
    "a short name": ('db_pwd = "hunter2"', 'db_pwd = "***"'),
    "a glued name": ("!PGPASSWORD=hunter2 psql", "!PGPASSWORD=*** psql"),
    "a password of ssh": ("!sshpass -p hunter2 ssh host", "!sshpass -p *** ssh host"),
    "a line of a file": (
        f"aws_secret_access_key = {MIXED}  # mine",
        "aws_secret_access_key = ***  # mine",
    ),
    "a shell": ("!export DB_PASSWORD=hunter2 && run", "!export DB_PASSWORD=*** && run"),
    "a container": (
        "!docker run --env=DB_PASSWORD=hunter2 img",
        "!docker run --env=DB_PASSWORD=*** img",
    ),
    "a flag": ("!mysql --password hunter2 -u ada", "!mysql --password *** -u ada"),
    "a flag after a switch": ("!x --verbose --password hunter2", "!x --verbose --password ***"),
    "a flag with an equals sign": ("!tool --api-key=abc123 in", "!tool --api-key=*** in"),
    "a token's flag": ("!huggingface-cli login --token abc", "!huggingface-cli login --token ***"),
    "a user's password": (
        "!curl -u ada:hunter2 https://example.org",
        "!curl -u ada:*** https://example.org",
    ),
    "an address": (
        "postgresql://ada:hunter2@db.example.org/digits",
        "postgresql://***@db.example.org/digits",
    ),
    "an address with a token alone": (
        "!pip install git+https://abc123@github.com/ada/x.git",
        "!pip install git+https://***@github.com/ada/x.git",
    ),
    "an address with an at sign in its password": ("ftp://ada:p@ss@host/x", "ftp://***@host/x"),
    "a query": (
        "https://example.org/a?user=ada&api_key=abc123&n=1",
        "https://example.org/a?user=ada&api_key=***&n=1",
    ),
    "a signed address": (
        f"https://bucket.example.org/x?X-Amz-Signature={MIXED}&e=1",
        "https://bucket.example.org/x?X-Amz-Signature=***&e=1",
    ),
    "a server's address": (
        "http://localhost:8888/lab?token=0123abcd",
        "http://localhost:8888/lab?token=***",
    ),
    "a connection string": (
        "AccountName=ada;AccountKey=abc123==;Suffix=x",
        "AccountName=ada;AccountKey=***;Suffix=x",
    ),
    "words of a database": (
        'connect("host=h password=hunter2 dbname=x")',
        'connect("host=h password=*** dbname=x")',
    ),
    "a header": (
        '{"Authorization": "Bearer abc123def456"}',
        '{"Authorization": "***"}',
    ),
    "a header of curl": ("-H 'X-Api-Key: abc123'", "-H 'X-Api-Key: ***'"),
    "a bearer": (f"Bearer {MIXED}", "Bearer ***"),
    "a hook": (
        f"https://hooks.slack.com/services/T012/B012/{MIXED[:24]}",
        "https://hooks.slack.com/services/***",
    ),
    "the hook of discord": (
        f"https://discord.com/api/webhooks/123456789012345678/{MIXED[:24]}",
        "https://discord.com/api/webhooks/123456789012345678/***",
    ),
    "where alerts go": (
        'nbtrack.init(settings={"alert_webhook": "https://ntfy.example.org/my-topic"})',
        'nbtrack.init(settings={"alert_webhook": "***"})',
    ),
    "a line of yaml": ("password: hunter2", "password: ***"),
    "a line of a diff": ("+  db_password: hunter2", "+  db_password: ***"),
    "a removed line": ("-SECRET_KEY=hunter2", "-SECRET_KEY=***"),
    "a name that says little": (f'cache_key = "{MIXED}"', 'cache_key = "***"'),
    "a private key": (f"{HEAD}\n{BODY}\n{FOOT}\nx = 1", f"{HEAD}***\nx = 1"),
    "a private key in a literal": (
        f'key = "{HEAD}\\n' + BODY.replace("\n", "\\n") + f'\\n{FOOT}\\n"\nx = 1',
        f'key = "{HEAD}***\\n"\nx = 1',
    ),
    "a private key in a diff": (
        f"+{HEAD}\n+" + BODY.replace("\n", "\n+") + f"\n+Ab3=\n+{FOOT}\n+x",
        f"+{HEAD}***\n+x",
    ),
    "a private key without an end": (f"{HEAD}\n{BODY}", f"{HEAD}***"),
}

STAYS = {
    "a tokenizer": 'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")',
    "special tokens": 'tok(pad_token="<pad>", eos_token="</s>", mask_token="[MASK]")',
    "an unknown token": 'unk_token="UNK"; bos_token = "<|startoftext|>"',
    "counts of tokens": "model.generate(max_new_tokens=256, num_tokens=5, token_type_ids=ids)",
    "a word": 'token = "hello"; tokens = ["a", "b"]',
    "a metric's key": 'history(key="val/loss"); sort_key = "created_at"; df.set_index(key="id")',
    "a key function": "sorted(runs, key=lambda run: run.name)",
    "a lookup": "password = getpass(); api_key = os.environ['API_KEY']; token=args.token",
    "a shell's lookup": "!login --token $HF_TOKEN --password ${PASSWORD} --key $(cat key)",
    "what is computed for a pair": 'get(url, auth=("ada", password)); x.login(user, getpass())',
    "a field of a pair": 'get(url, auth=("ada", f"{password}"))',
    "a login that asks": "!wandb login --relogin; run.login('ada')",
    "a magic that shows": "%env HF_TOKEN",
    "names behind names": "access_token = make_access_token_2; api_key = settings.ApiKey2024V2",
    "a call": "api_key = Load2Keys3FromTheSettings()",
    "a shell's own": "PWD=/home/ada OLDPWD=/tmp",
    "an expression": "API_KEY=os.environ['API_KEY']",
    "a comparison": 'if password == "": raise ValueError("no password")',
    "a field of a string": 'headers = {"Authorization": f"Bearer {token}"}',
    "fields of an address": 'f"postgresql://{user}:{password}@{host}/db"',
    "a placeholder": 'api_key = "<your key>"; password = "..."; secret = "***"',
    "an empty one": 'password = ""',
    "a type": "class Login:\n    user: str\n    password: str\n    secret: SecretStr",
    "ssh": "ssh://git@github.com/ada/x.git git@github.com:ada/x.git",
    "a profile": "https://medium.com/@ada https://example.org/a@b mailto:ada@example.org",
    "a port": "http://localhost:8888/lab/tree/a.ipynb",
    "a decorator": 'url = "http://example.org"\n@cached\ndef f(): ...',
    "a public key": f"-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----",
    "a test for a private key": f'if "{HEAD}" in text:\n    raise ValueError("a key")',
    "a signature": 'np.vectorize(f, signature="(n),(m)->()")',
    "a hash": "commit 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "a plain assignment": "batch_size=64 learning_rate=0.001 dropout=0.1",
    "a mask of attention": "attention_mask=mask, key_padding_mask=None, past_key_values=cache",
    "a name with risk in it": "task-risk-sk-learn sk-learn-contrib disk-usage",
    "keyboard": "keyboard_layout = 'us'; monkey = 'see'; passthrough = True; compass = 'north'",
    "prose": "# The basic authorization scheme; pass the key to open() and sign it.",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("around", ["{}", 'x = "{}"', "-{}", "a {} b", "({})", "u?x={}&y=1"])
def test_a_token_of_a_known_service_goes_wherever_it_stands(token, around) -> None:
    told = without_secrets(around.format(token))

    assert told == around.format("***")


@pytest.mark.parametrize(("text", "told"), GOES.values(), ids=GOES)
def test_what_is_named_like_a_secret_goes(text, told) -> None:
    assert without_secrets(text) == told


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_only_looks_like_a_secret_stays(text) -> None:
    """Code that lost a word cannot be run again."""
    assert without_secrets(text) == text


@pytest.mark.parametrize(("text", "told"), GOES.values(), ids=GOES)
def test_a_second_time_changes_nothing(text, told) -> None:
    assert without_secrets(told) == told


def test_lines_and_their_ends_are_kept() -> None:
    text = 'a = 1\r\npassword = "x"\r\n\n\tb = 2\n'

    assert without_secrets(text) == 'a = 1\r\npassword = "***"\r\n\n\tb = 2\n'


def test_arguments_lose_their_secrets() -> None:
    both = ["https://ada:hunter2@example.org/x?api_key=abc"]
    assert arguments_without_secrets(both) == ["https://***@example.org/x?api_key=***"]
    given = ["t.py", "--password", "x", "--token=y", "--key", "lr", f"hf_{MIXED}", "--token", "--n"]

    kept = ["t.py", "--password", "***", "--token=***", "--key", "lr", "***", "--token", "--n"]
    assert arguments_without_secrets(given) == kept


def test_variables_lose_their_secrets() -> None:
    given = {
        "HF_TOKEN": "x",
        "MY_KEY": "y",
        "SECRET": "z",
        "TOKENIZERS_PARALLELISM": "false",
        "PROXY": "http://ada:x@proxy:3128",
        "EMPTY_TOKEN": "",
    }

    assert variables_without_secrets(given) == {
        "HF_TOKEN": "***",
        "MY_KEY": "***",
        "SECRET": "***",
        "TOKENIZERS_PARALLELISM": "false",
        "PROXY": "http://***@proxy:3128",
        "EMPTY_TOKEN": "",
    }


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ada:x@github.com/a/b.git", "https://github.com/a/b.git"),
        (f"https://ghp_{MIXED}@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("ssh://git@github.com:22/a/b.git", "ssh://git@github.com:22/a/b.git"),
        ("ssh://ada:x@host/a", "ssh://***@host/a"),
        ("/data/repositories/b.git", "/data/repositories/b.git"),
        ("https://host/a.git?private_token=abc", "https://host/a.git?private_token=***"),
    ],
)
def test_an_address_loses_its_credentials(address, told) -> None:
    assert address_without_secrets(address) == told


HOSTILE = {
    "names": "password=" * 20_000,
    "quotes": 'password="' * 20_000,
    "escapes": 'password="' + "\\" * 200_000,
    "flags": "--password " * 20_000,
    "glued flags": "--password=" * 20_000,
    "addresses": "https://a:b" * 20_000,
    "ats": "https://" + "a:@" * 70_000,
    "schemes": "a+b.c-" * 40_000 + "://",
    "web tokens": "eyJ-" * 50_000,
    "long web tokens": f"eyJ{'a' * 9_000} " * 20,
    "keys": f"{HEAD} " * 6_000,
    "dashes": "-" * 200_000,
    "open keys": f"{HEAD}\n{'A' * 100_000}\n" * 2,
    "queries": "?token=" * 30_000,
    "spaces": "token" + " " * 200_000,
    "slack": "https://hooks.slack.com/a/" * 8_000,
    "upper": "A_KEY" * 40_000,
    "magics": "%env " * 40_000 + "TOKEN",
    "logins": "wandb login --a=b " * 10_000,
    "pairs": 'auth=("a", ' * 18_000,
    "bare": "api_key = " + "aB1" * 60_000 + "!",
    "indented": " " * 200_000 + "api_key=a",
    "passes": "sshpass -p" * 20_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_takes_no_longer_than_its_length(text) -> None:
    """Time that grew with the square of the length would be many minutes here."""
    told = without_secrets(text)

    assert len(told) <= len(text) + len("***")

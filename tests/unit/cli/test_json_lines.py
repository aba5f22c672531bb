import json

from cli.json_lines import json_line_of


def test_a_line_is_a_line_for_every_reader() -> None:
    text = "a\x85b\u2028c\u2029d"
    line = json_line_of(json.dumps({"a": text}, ensure_ascii=False).encode())
    assert line.decode().splitlines() == [line.decode().rstrip("\n")]
    assert json.loads(line) == {"a": text}

"""Compiles a spec against a file's header and a table's keys; what can't work is refused here, by its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from csv_import.errors import BadData
from csv_import.shaping.column_plan import (
    IN_TEMPLATES,
    PlannedColumn,
    key_problems,
    planned_columns,
    readers,
    type_for,
)
from csv_import.shaping.item_draft import ItemDraft, equal_keys
from csv_import.shaping.item_plan import Composer, ItemPlan, KeyCheck
from csv_import.shaping.key_schema import KeySchema
from csv_import.shaping.notices import Notices
from csv_import.shaping.provenance import Provenance
from csv_import.shaping.row_plan import check_name_lengths, missing_key_column, what_there_is
from csv_import.shaping.sizes import MAX_UPDATE_ATTRIBUTES
from csv_import.shaping.spec import Attribute, ItemSpec, Mode, Type
from csv_import.shaping.spec_kinds import Path, Problem, near
from csv_import.shaping.spec_plan import Cells, SpecPlan
from csv_import.shaping.spec_reader import PROVENANCE, ReadSpec
from csv_import.shaping.templates import parse_path, parse_template
from csv_import.shaping.values.conversion import conversion
from csv_import.shaping.values.value import Refused


def compile_spec(
    read: ReadSpec, names: Sequence[str], schema: KeySchema, provenance: Provenance, *, line: int
) -> SpecPlan:
    """The plan; arguments and errors as of `plan.plan_for`, which has held the spec against itself."""
    check_name_lengths(names)
    return _Compiler(read, names, schema, provenance, line).plan()


class _Compiler:
    def __init__(
        self, read: ReadSpec, names: Sequence[str], schema: KeySchema, provenance: Provenance, line: int
    ) -> None:
        self._read = read
        self._spec = read.spec
        self._names = tuple(names)
        self._schema = schema
        self._provenance = provenance
        self._line = line
        self._typed = {attribute.name: attribute for attribute in (*schema.table, *schema.indexes)}
        self._own = {attribute.name for attribute in schema.table}
        self._notices = Notices()
        self._problems: list[Problem] = []

    def plan(self) -> SpecPlan:
        self._check_columns_exist()
        columns = planned_columns(self._spec, self._names, self._schema)
        by_name = {column.name: column for column in columns}
        drafts = [self._draft(at, said, by_name) for at, said in self._items()]
        self._problems += equal_keys(drafts, [attribute.name for attribute in self._schema.table])
        used = frozenset(self._used(drafts))
        slots, problems = readers(columns, used, self._notices)
        self._problems += problems
        self._read.refuse(self._read.fault(*problem) for problem in self._problems)
        slot_of = {name: slot for slot, name in enumerate(slots)}
        in_templates = {name for draft in drafts for name in self._template_columns(draft.said)}
        cells = Cells(
            typed=tuple(slots.values()),
            texts=tuple(
                (by_name[name].index, slot) for name, slot in slot_of.items() if name in in_templates
            ),
            composes=any(draft.composed for draft in drafts),
        )
        plans = [self._item_plan(draft, slot_of) for draft in drafts]
        self._notices.forget()  # what defaults and constants lose is in no cell
        return SpecPlan(
            self._names,
            cells=cells,
            items=plans,
            schema=self._schema,
            provenance=self._provenance,
            notices=self._notices,
        )

    def _items(self) -> list[tuple[Path, ItemSpec]]:
        if not self._spec.items:
            return [((), ItemSpec())]
        return [(("items", str(number)), item) for number, item in enumerate(self._spec.items, start=1)]

    def _attributes(self, said: ItemSpec) -> dict[str, Attribute]:
        """The attributes of an item: those for all, and its own, which win."""
        attributes = {**self._spec.attributes, **said.attributes}
        if self._spec.mode is Mode.DELETE:
            return {name: each for name, each in attributes.items() if name in self._own}
        return attributes

    def _template_columns(self, said: ItemSpec) -> Iterator[str]:
        for attribute in self._attributes(said).values():
            yield from parse_template(attribute.value).columns

    def _check_columns_exist(self) -> None:
        """Refuse a file that lacks a column which the spec names."""
        named: list[tuple[Path, str]] = [(("columns", name), name) for name in self._spec.columns]
        everywhere: list[tuple[Path, Mapping[str, Attribute]]] = [(("attributes",), self._spec.attributes)]
        for at, item in self._items():
            everywhere.append(((*at, "attributes"), item.attributes))
            named += [((*at, "columns"), name) for name in item.columns or ()]
        for at, attributes in everywhere:
            for attribute, said in attributes.items():
                named += [((*at, attribute), name) for name in parse_template(said.value).columns]
        there = set(self._names)
        for path, name in named:
            if name not in there:
                fault = self._read.fault(path, "")
                raise BadData(
                    "missing_column",
                    f"line {self._line}: the header has no column {name!r}, which {self._read.name} names in line"
                    f" {fault.line}, {'.'.join(path)}",
                    what_there_is(name, self._names) + near(name, self._names),
                )

    def _draft(self, at: Path, said: ItemSpec, columns: dict[str, PlannedColumn]) -> ItemDraft:
        draft = ItemDraft(at, said, self._attributes(said))
        for column in columns.values():
            if column.path is None or not self._wants(column.path, said.columns, column.name):
                continue
            where: Path = ("columns", column.name)
            self._problems += key_problems(
                where, column.said, column.type, column.path, self._typed, is_own=column.path[0] in self._own
            )
            self._claim(draft, where, column.path)
            draft.columns[column.path] = column
        for name, attribute in draft.attributes.items():
            where = (*at, "attributes", name) if name in said.attributes else ("attributes", name)
            self._attribute(draft, where, parse_path(name), attribute, columns)
        self._add_provenance(draft)
        self._check_keys(draft)
        if self._spec.mode is Mode.UPDATE and len(draft.paths) > MAX_UPDATE_ATTRIBUTES:
            problem = (
                f"mode update sets at most {MAX_UPDATE_ATTRIBUTES} attributes at once; drop some, or use put"
            )
            self._problems.append((("mode",), problem))
        return draft

    def _wants(self, path: tuple[str, ...], listed: Sequence[str] | None, name: str) -> bool:
        if self._spec.mode is Mode.DELETE:
            return len(path) == 1 and path[0] in self._own and (listed is None or name in listed)
        return listed is None or name in listed

    def _claim(self, draft: ItemDraft, where: Path, path: tuple[str, ...]) -> None:
        """Note a problem where another attribute has the path, or one within or around it."""
        taken = draft.claim(path)
        if taken is not None:
            giver = draft.columns.get(taken)
            by = f"the column {giver.name!r}" if giver else "another attribute"
            problem = f"{by} gives {'.'.join(taken)!r} already; drop or rename one of the two"
            self._problems.append((where, problem))

    def _attribute(
        self,
        draft: ItemDraft,
        where: Path,
        path: tuple[str, ...],
        said: Attribute,
        columns: dict[str, PlannedColumn],
    ) -> None:
        type_ = type_for(said, path, self._typed)
        self._problems += key_problems(where, said, type_, path, self._typed, is_own=path[0] in self._own)
        self._claim(draft, where, path)
        template = parse_template(said.value)
        for name in template.columns:
            if columns[name].type not in IN_TEMPLATES:
                listed = ", ".join(each for each in Type if each in IN_TEMPLATES)
                problem = f"the column {name!r} is of type {columns[name].type}; a template takes {listed}"
                self._problems.append(((*where, "value"), problem))
        convert = conversion(said, type_, self._notices.about(".".join(path)), levels_above=len(path) - 1)
        if template.constant is None:
            indexes = [columns[name].index for name in template.columns]
            draft.composed[path] = Composer(
                ".".join(path), template, indexes, convert, required=said.required
            )
            return
        try:
            draft.fixed[path] = convert(template.constant)
        except Refused as refused:
            self._problems.append(((*where, "value"), refused.message.replace("the cell", "the value", 1)))
            return
        key = self._typed.get(path[0]) if len(path) == 1 else None
        text = draft.fixed[path].get(key.type, "") if key else ""
        size = key and KeyCheck(key, needed=False, column=None, composer=None).size_of(text)
        if key and size:
            problem = f"the key {key.name!r} has {size} bytes; DynamoDB takes at most {key.max_bytes}"
            self._problems.append(((*where, "value"), problem))

    def _add_provenance(self, draft: ItemDraft) -> None:
        names = self._spec.provenance
        taken = {path[0] for path in draft.paths}
        constants = {"filename": self._provenance.filename, "last_modified": self._provenance.last_modified}
        for default, each in PROVENANCE.items():
            name: str | None = getattr(names, each)
            if name is None or (self._spec.mode is Mode.DELETE and name not in self._own):
                continue
            if name in taken:
                if name != default:
                    problem = f"{name!r} is another attribute's name already; take a free one, or off"
                    self._problems.append((("provenance", default), problem))
                continue
            key = self._typed.get(name)
            if key is not None and key.type != "S":
                problem = f"{name!r} is a key of type {key.type}, but this attribute is a string; rename it, or say off"
                self._problems.append((("provenance", default), problem))
            draft.paths.add((name,))
            if each == "created_time":
                draft.created_time = name
            else:
                draft.fixed[(name,)] = {"S": constants[each]}

    def _check_keys(self, draft: ItemDraft) -> None:
        for name in self._own:
            if (name,) in draft.paths:
                continue
            if (
                not draft.said.attributes
                and not self._spec.attributes
                and name not in self._names
                and not draft.at
            ):
                raise missing_key_column(name, self._names, self._line)
            problem = (
                f"nothing gives the table's key {name!r} here; compose it, such as {name}: 'PRODUCT#{{Id}}', or rename"
                f" a column to it (to: {name})"
            )
            self._problems.append((draft.at or ("attributes",), problem))

    def _used(self, drafts: Sequence[ItemDraft]) -> Iterator[str]:
        for draft in drafts:
            yield from (column.name for column in draft.columns.values())
            yield from self._template_columns(draft.said)

    def _item_plan(self, draft: ItemDraft, slot_of: dict[str, int]) -> ItemPlan:
        single = [(path[0], column) for path, column in draft.columns.items() if len(path) == 1]
        return ItemPlan(
            plain=tuple((name, column.index) for name, column in single if column.name not in slot_of),
            typed=tuple((name, slot_of[column.name]) for name, column in single if column.name in slot_of),
            nested=tuple(
                (path, slot_of[column.name]) for path, column in draft.columns.items() if len(path) > 1
            ),
            composed=tuple(draft.composed.items()),
            fixed={path[0]: value for path, value in draft.fixed.items() if len(path) == 1},
            fixed_nested=tuple((path, value) for path, value in draft.fixed.items() if len(path) > 1),
            created_time=draft.created_time,
            keys=tuple(self._key_checks(draft)),
            optional=draft.said.optional,
        )

    def _key_checks(self, draft: ItemDraft) -> Iterator[KeyCheck]:
        for attribute in (*self._schema.table, *self._schema.indexes):
            path = (attribute.name,)
            if path in draft.paths:
                column = draft.columns.get(path)
                yield KeyCheck(
                    attribute,
                    needed=attribute.name in self._own,
                    column=column.name if column else None,
                    composer=draft.composed.get(path),
                )

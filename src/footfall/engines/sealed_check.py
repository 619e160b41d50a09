"""Which SQL a reader may ask: one SELECT over the tables, with functions that only compute.

The statement is judged as DuckDB itself parsed it (`json_serialize_sql`), and by what is allowed: a kind of node,
a table or a function that is not listed here is refused, also one that a later DuckDB brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from footfall.errors import BadRequest

Json = Mapping[str, object]

MOST_CHARACTERS = 20_000
"""How long a statement may be."""
TABLES = frozenset({"events", "sessions", "alerts", "rejected", "first_events", "books"})
TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF"}
)
_MODIFIERS = frozenset({"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"})
_ORDERS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_TYPES = _NODES | _SOURCES | _MODIFIERS | _ORDERS
_CLASS_NAMES = """
    BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR
    POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW
"""
_FUNCTION_NAMES = """
    != !__postfix !~~ !~~* % & && * ** + - ->> / // < <-> << <= <=> <> <@ = > >= >> @ @> ^ ^@ | || ~ ~~ ~~* ~~~

    any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null
    argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop
    covar_samp entropy favg first fsum geomean geometric_mean group_concat histogram kahan_sum kurtosis kurtosis_pop
    last list listagg mad max max_by mean median min min_by mode product quantile quantile_cont quantile_disc regr_avgx
    regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness
    stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg

    cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number

    abs acos acosh add asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees divide even exp
    factorial fdiv floor fmod gamma gcd greatest greatest_common_divisor isfinite isinf isnan lcm least
    least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians random round round_even
    sign signbit sin sinh sqrt subtract tan tanh trunc xor
    constant_or_null hash if nullif typeof

    age ago century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
    dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear julian
    last_day make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz microsecond
    millennium millisecond minute month monthname nanosecond quarter second strftime strptime time_bucket timezone
    timezone_hour timezone_minute to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds
    to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years try_strptime week weekday weekofyear year
    yearweek current_date current_localtime current_localtimestamp get_current_time get_current_timestamp now today
    transaction_timestamp

    array_to_string ascii bar base64 bin bit_length char_length character_length chr concat concat_ws contains
    damerau_levenshtein decode editdist3 encode ends_with format format_bytes formatreadabledecimalsize
    formatreadablesize from_base64 from_hex hamming hex ilike_escape instr jaccard jaro_similarity
    jaro_winkler_similarity lcase left length levenshtein like_escape lower lpad ltrim md5 mismatches nfc_normalize
    not_ilike_escape not_like_escape octet_length ord overlay position prefix printf regexp_escape regexp_extract
    regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array repeat replace reverse
    right rpad rtrim sha1 sha256 split split_part starts_with str_split str_split_regex string_split
    string_split_regex string_to_array strip_accents strlen strpos substr substring suffix to_base to_base64 to_hex
    translate trim ucase unbin unhex unicode upper url_decode url_encode uuid_extract_timestamp

    array_append array_cat array_concat array_contains array_distinct array_extract array_filter array_has
    array_has_all array_has_any array_indexof array_intersect array_length array_position array_prepend array_reduce
    array_reverse array_reverse_sort array_slice array_sort array_transform array_unique array_value array_where
    array_zip cardinality element_at filter flatten generate_series len list_append list_any_value list_apply list_avg
    list_cat list_concat list_contains list_count list_distinct list_element list_extract list_filter list_first
    list_has list_has_all list_has_any list_histogram list_indexof list_intersect list_last list_max list_median
    list_min list_mode list_pack list_position list_prepend list_product list_reduce list_reverse list_reverse_sort
    list_select list_slice list_sort list_stddev_samp list_string_agg list_sum list_transform list_unique list_value
    list_where list_zip map map_concat map_contains map_entries map_extract map_extract_value map_from_entries map_keys
    map_values range reduce row struct_extract struct_extract_at struct_insert struct_keys struct_pack struct_update
    struct_values unnest

    array_to_json from_json json json_array json_array_length json_contains json_exists json_extract json_extract_path
    json_extract_path_text json_extract_string json_group_array json_group_object json_keys json_object json_pretty
    json_structure json_transform json_type json_valid json_value row_to_json to_json
"""
_CLASSES = frozenset(_CLASS_NAMES.split())
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_HOW = "Ask one SELECT over events, sessions, alerts, rejected, first_events and books."


def check(parsed: Json) -> None:
    """Raise errors.BadRequest unless `parsed`, the answer of `json_serialize_sql`, is a statement that may be run."""
    if parsed.get("error"):
        raise BadRequest(f"This is no SELECT that can be read: {parsed.get('error_message')}. {_HOW}")
    statements = cast("list[Json]", parsed["statements"])
    if len(statements) != 1:
        raise BadRequest(f"There are {len(statements)} statements here. {_HOW}")
    if statements[0].get("named_param_map"):
        raise BadRequest(f"Parameters ($1, ?) have no value here. {_HOW}")
    try:
        _walk(statements[0]["node"], frozenset())
    except RecursionError:
        raise BadRequest(f"The statement is nested too deeply. {_HOW}") from None


def _walk(value: object, names: frozenset[str]) -> None:
    """Check `value` and all in it; `names` are the WITH names that can be seen from there."""
    if isinstance(value, list):
        for item in value:
            _walk(item, names)
    elif isinstance(value, dict):
        names = _with(value, names)
        _judge(value, names)
        for inner in _inside(value):
            _walk(inner, names)


def _with(node: Json, names: frozenset[str]) -> frozenset[str]:
    """Check the bodies of a query's WITH, and give the names that the query itself sees.

    A body sees the names before it, and its own only when it is recursive; any other name would be a table of
    DuckDB's catalog, whatever a later WITH calls so.
    """
    entries = cast("list[Json]", cast("Json", node.get("cte_map") or {}).get("map", []))
    for entry in entries:
        name, body = str(entry["key"]).lower(), cast("Json", entry["value"])
        query = cast("Json", body["query_node"])
        _walk(body, names | {name} if query["type"] == "RECURSIVE_CTE_NODE" else names)
        names |= {name}
    return names


def _inside(node: Json) -> Iterator[object]:
    if node.get("type") == "TABLE_FUNCTION" and "class" not in node:
        yield from cast("Json", node["function"]).values()
        yield node.get("subquery")
    else:
        yield from (inner for key, inner in node.items() if key != "cte_map")


def _judge(node: Json, names: frozenset[str]) -> None:
    kind = node.get("class")
    if kind is not None:
        if kind not in _CLASSES:
            raise BadRequest(f"Expressions of the kind {str(kind).lower()} are not available here. {_HOW}")
    elif isinstance(node.get("type"), str):
        _judge_source(node, str(node["type"]), names)
    if "function_name" in node:
        _judge_function(node, FUNCTIONS)
    if kind == "TYPE" and len(_path(node)) > 1:
        raise BadRequest(f"There is no type {'.'.join(_path(node))}. {_HOW}")


def _judge_source(node: Json, kind: str, names: frozenset[str]) -> None:
    if kind not in _TYPES:
        raise BadRequest(f"{kind.replace('_', ' ').lower()} is not available here. {_HOW}")
    if kind == "BASE_TABLE":
        path = _path(node)
        if len(path) != 1 or path[0].lower() not in names | TABLES or node.get("at_clause"):
            raise BadRequest(
                f"There is no table {'.'.join(path)!r}; there are events, sessions, alerts, rejected, "
                "first_events and books."
            )
    if kind == "SHOW_REF" and (node.get("table_name") or not node.get("query")):
        raise BadRequest("Only DESCRIBE and SUMMARIZE of a table or a SELECT are available here.")
    if kind == "TABLE_FUNCTION":
        _judge_function(cast("Json", node["function"]), TABLE_FUNCTIONS)


def _judge_function(node: Json, allowed: frozenset[str]) -> None:
    path = _path(node) if "qualified_name" in node else [str(node["function_name"])]
    if len(path) != 1 or path[0].lower() not in allowed:
        raise BadRequest(f"The function {'.'.join(path)} is not available here. {_HOW}")
    if node.get("schema") or node.get("catalog"):
        raise BadRequest(f"Functions have no schema here: {path[0]}. {_HOW}")


def _path(node: Json) -> list[str]:
    return cast("list[str]", cast("Json", node["qualified_name"])["path"])

"""Where nbtrack differs from the reference on purpose, and why.

By case and part. What is listed here and does not differ any more fails the suite, so
that the list stays true.
"""

LIVE = "the reference's live summary loses what its file keeps"
NAN = "one NaN would hide every minimum and maximum after it"
BY_HAND = "a value set by hand does not end the aggregates that were asked for"
ISO = "the offset stays as it was written, +00:00"
CLOSED = "a run that is over keeps its summary readable and its config as it was"

DEVIATIONS = {
    ("dates_become_text", "rows"): ISO,
    ("dates_become_text", "summary"): ISO,
    ("dates_become_text", "stored summary"): ISO,
    ("none_overwrites_nothing", "summary"): LIVE,
    ("values_are_set_by_hand", "seen"): "`in` looks for the key; the reference raises KeyError(0)",
    ("values_are_set_by_hand", "summary"): LIVE,
    ("nan_and_aggregates", "summary"): NAN,
    ("nan_and_aggregates", "stored summary"): NAN,
    ("a_value_set_by_hand_and_aggregates", "summary"): BY_HAND,
    ("a_value_set_by_hand_and_aggregates", "stored summary"): BY_HAND,
    ("a_value_set_by_hand_stays_without_a_summary", "summary"): LIVE,
    ("config_values_become_json", "config"): "a slice has start, stop and step, without a prefix",
    ("config_may_be_allowed_to_change", "seen"): "what init() allowed holds for the whole run",
    ("config_may_be_allowed_to_change", "config"): "what init() allowed holds for the whole run",
    ("config_is_read_and_not_written_after_the_end", "config"): CLOSED,
    ("a_finished_run_takes_nothing", "summary"): CLOSED,
    ("a_disabled_run_takes_everything", "summary"): "a summary has its last step, disabled or not",
}

ENDINGS = {
    "sys.exit(0) in a block": "leaving with 0 is no failure, in a block as outside of one",
    "sys.exit(3) in a block": "the code of sys.exit() is kept",
}
"""By ending."""

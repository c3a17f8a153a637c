from nbtrack.panels.audience import CREDIT_BYTES, LEASE_S, Audience


def test_a_new_panel_is_sent_to_before_anybody_was_heard():
    """Where a kernel cannot hear while it is busy, the first hello waits behind the cell."""
    assert Audience().listens(0.0)


def test_nothing_is_sent_when_no_view_was_heard_for_the_time_of_a_lease():
    audience = Audience()
    audience.hear("a", 100.0, while_busy=True)

    assert audience.listens(100.0 + LEASE_S - 0.1)
    assert not audience.listens(100.0 + LEASE_S)


def test_one_view_that_is_looked_at_is_enough():
    audience = Audience()
    audience.hear("a", 0.0, while_busy=True)
    audience.hear("b", 20.0, while_busy=True)

    assert audience.listens(40.0)


def test_a_kernel_that_cannot_hear_while_busy_sends_on_credit():
    audience = Audience()
    audience.hear("a", 0.0, while_busy=False)

    assert audience.listens(1_000.0)
    audience.sent(CREDIT_BYTES)
    assert not audience.listens(1_000.0)


def test_a_sign_of_life_gives_new_credit():
    audience = Audience()
    audience.sent(CREDIT_BYTES)

    audience.hear("a", 5.0, while_busy=True)

    assert audience.listens(5.0)


def test_nothing_is_sent_when_all_views_have_closed():
    audience = Audience()
    audience.hear("a", 0.0, while_busy=False)
    audience.hear("b", 0.0, while_busy=False)

    audience.leave("a")
    assert audience.listens(1.0)
    audience.leave("b")
    assert not audience.listens(1.0)
    audience.hear("c", 2.0, while_busy=False)
    assert audience.listens(2.0)


def test_views_that_went_without_a_word_are_forgotten():
    audience = Audience()
    for number in range(1_000):
        audience.hear(f"view {number}", number * LEASE_S, while_busy=True)

    assert len(audience._heard_at_s) == 1


def test_who_was_never_heard_is_sent_all_of_it_again_for_a_while():
    """The first messages may come before a view listens, and it cannot say so to a busy kernel."""
    audience = Audience()
    again = [now_s for now_s in range(100, 200) if audience.begins_anew(float(now_s))]

    assert again == [101, 103, 108]


def test_who_was_heard_asks_for_what_is_missing():
    audience = Audience()
    audience.begins_anew(0.0)
    audience.hear("a", 0.5, while_busy=True)

    assert not any(audience.begins_anew(float(now_s)) for now_s in range(20))

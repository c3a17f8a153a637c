"""What the fault tests counted, as one table at the end of the long form."""

from faultkit import FIGURES, LONG, table


def pytest_terminal_summary(terminalreporter):
    if LONG and FIGURES:
        terminalreporter.section("what was done to runs, and what was lost")
        terminalreporter.write_line(table(FIGURES))

"""What may happen on a day of a run, the more often the more often it is named.

Each act draws what it needs, notes it, and returns the work to be done, which a fault may spoil.
"""

from tests.billing.random_runs import banks, customers, staff, timetable

ACTS = [
    timetable.sweep, timetable.sweep, timetable.sweep, timetable.night,
    customers.press_pay, customers.pay_in_browser, customers.change_card,
    staff.enter_check, staff.bounce_check, staff.give_back, staff.give_back, staff.refund,
    staff.refund, staff.write_off,
    banks.hear, banks.dispute, banks.decide, banks.return_refund,
]  # fmt: skip

"""What people do in Stripe's own fields, in their frame."""


def choose_bank_account(window, account):
    """Choose one of the stand-in's bank accounts, and agree to be debited by going on."""
    fields = window.frame_locator("iframe[title='Secure payment input frame']")
    fields.get_by_label("US bank account").check()
    fields.get_by_label("Full name").fill("Ada Byron")
    fields.get_by_label("Email").fill("ada@northwind.example")
    fields.get_by_label("Account at STRIPE TEST BANK").select_option(label=account)

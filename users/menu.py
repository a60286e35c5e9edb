"""The portal's menu: each user sees only what they may use."""


def menu(request):
    """Give templates `menu`, {entry: bool}, for a signed-in customer."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.account_id is None:
        return {"menu": None}
    return {"menu": menu_of(user)}


def menu_of(user):
    """Tell which entries the menu of the customer `user` has, as {entry: bool}."""
    return {
        "may_list_conferences": user.has_perm("conferences.list_conferences"),
        "may_play_recordings": user.may_anywhere("conferences.view_recording"),
        "may_view_bills": user.has_perm("billing.view_bill"),
        "may_view_account": user.has_perm("accounts.view_account"),
        "may_view_log": user.has_perm("accounts.view_auditentry"),
    }

"""The tabs of a conference's pages: each reader sees those that they may open."""


def tabs_of(user, conference):
    """Tell which tabs of `conference` the customer `user` has, as {tab: bool}."""
    return {
        "may_view": user.has_perm("conferences.view_conference", conference),
        "may_invite": user.has_perm("conferences.change_participant_pin", conference),
        "may_play": user.has_perm("conferences.view_recording", conference),
        "may_moderate": user.has_perm("conferences.moderate_call", conference),
    }

"""How many statements each page sends at most, but for what begins and ends a transaction.

One writes down who looked, so that two are a page read with one query. A page that is not named here keeps to MOST.
"""

from typing import Final

MOST: Final = 4
_PAGES: Final[dict[int, str]] = {
    0: "face not-found join-over passkeys-add single-sign-on-add search search-contact agencies-add",
    1: (
        "forgotten password app recovery-codes emergency-open oversight meetings-plan export systems-add people-invite"
    ),
    2: (
        "caseload-none caseload caseload-service home-practitioner home-representative "
        "actions notices support sign-in sign-in-partnership confirm passkeys-none passkeys "
        "passkeys-name account-single-sign-on single-sign-on refer refer-victim refer-contact "
        "refer-perpetrators refer-perpetrator refer-remove refer-children-none refer-child refer-history "
        "refer-views refer-withdraw cases matches emergency emergency-review meetings meetings-past "
        "meeting-pack systems-none system system-change system-secret system-key system-credential-end "
        "system-end agencies agency-rename agency-suspend agency-restore agency-end"
    ),
    3: (
        "client-my-plan client-change-ended home-administrator home-auditor action action-update passkeys-remove "
        "provider provider-change provider-second-factor provider-rule provider-end refer-steps refer-questions "
        "refer-screen refer-choose refer-access refer-match refer-check-missing refer-check "
        "case-risk case-assessment case-meetings case-sharing case-timeline case-trail match oversight-trail "
        "research-none research people agency"
    ),
    4: (
        "client-attempts client-safe-times client-words client-words-none client-plan client-step "
        "client-dates client-date client-change client-end refer-sharing case-told case-kept case-move "
        "case-idva case-action case-risk-named case-conflict case-offer case-decline case-keep-apart "
        "case-restrict account home-coordinator"
    ),
    5: (
        "client-for-others action-hand-over action-open-again case-plan case-plan-offer case-access "
        "case-questions person person-role person-end-role person-sign-out person-link person-end forum "
        "forum-change forum-take-back forum-skip forum-sit forum-agency-end"
    ),
    6: (
        "client client-new client-notes meeting meeting-representative meeting-run meeting-conflict "
        "meeting-export forum-agency forum-name"
    ),
    7: (
        "case case-representative case-emergency case-restricted case-access-restricted case-contacts "
        "case-names case-lift oversight-answer meeting-chair meeting-cancel meeting-add meeting-attendance "
        "meeting-statement meeting-item meeting-outcome meeting-minutes"
    ),
    8: "research-return forum-close",
    9: "meeting-minutes-issued",
    11: "meeting-publish",
}
STATEMENTS: Final = {name: count for count, names in _PAGES.items() for name in names.split()}

"""Public money: it reaches who founds and who campaigns, and without it nothing changes."""

from __future__ import annotations

import pytest
from small_runs import fingerprint, ran, scenario

from sim.malpractice.media_closure import MediaSettings, campaign_reach

PAID = {"funding": {"founding": 2, "campaign": 1}}


def test_no_money_is_the_law_of_the_day():
    assert fingerprint(ran(scenario(law={"funding": {"founding": 0, "campaign": 0}}))) == fingerprint(ran())


def test_money_for_campaigns_reaches_most_those_whom_the_media_shut_out():
    media = MediaSettings()
    shut = [campaign_reach(media, 1, loyal=False, public_money=paid) for paid in (0, 1, 2)]
    heard = [campaign_reach(media, 1, loyal=True, public_money=paid) for paid in (0, 1, 2)]
    assert shut == sorted(shut)
    assert shut[0] == pytest.approx(media.ballot_paper)
    assert shut[1] - shut[0] > heard[1] - heard[0] > 0
    assert heard[2] < 1


def test_a_confirmed_group_has_it_and_others_do_not():
    model = ran(scenario(law=PAID, practice={"discretion": 0}))
    groups = [party for party in model.parties.values() if party.reached.formed > model.start]
    confirmed = [party for party in groups if party.reached.confirmed]
    others = [party for party in groups if not party.reached.confirmed]
    assert confirmed
    assert others
    for party in confirmed:
        assert model.recruitment.money(party) == party.character.money + 2
    for party in others:
        assert model.recruitment.money(party) == party.character.money


def test_more_lists_are_known_where_campaigns_are_paid():
    def known(**changes: object) -> int:
        model = ran(scenario(**changes))
        slot = model.parties["jsdp_2007"].slot
        return int(((model.electorate.aware >> slot) & 1).sum())

    assert known(law=PAID) >= known()

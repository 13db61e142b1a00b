"""Elections over decades: who stands and with whom, who boycotts, who is struck off, and the seats of the lists.

Only the list tier is simulated, and votes are expected votes of everybody: turnout, districts, stations and the count
belong to a run of one election.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit

from sim.actors.party import Party
from sim.actors.roster import AUTONOMOUS
from sim.law.apportionment import ListVotes, TwoPartyRule, allocate
from sim.process.voting import AGAINST_ALL

if TYPE_CHECKING:
    from sim.party_system import PartySystem
    from sim.scenario.case import Case

BALLOTS = 10_000_000  # expected votes are counted in this many parts, so that shares are exact whole numbers


class Held(NamedTuple):
    """One election of a run: shares of all votes, and list seats that were taken up, by the key of the list."""

    election: str
    day: date
    votes: dict[str, float]
    against_all: float | None
    seats: dict[str, int]
    refused: tuple[str, ...]  # lists that won seats and would not take them
    boycotts: tuple[str, ...]
    removed: tuple[str, ...]
    joint: tuple[str, ...]
    autonomous: dict[str, int]  # list seats by coding of autonomy


class Terms:
    """The stage of elections, on the days on record."""

    def __init__(self, model: PartySystem) -> None:
        self.model, self.settings = model, model.decades.conduct
        self.held: list[Held] = []
        self.last: dict[str, float] = {}
        self._lists: list[Party] = []
        self._boycotts: list[str] = []
        self._removed: list[str] = []
        self._joint: list[str] = []
        self._toxic: Party | None = None

    def close_lists(self, case: Case) -> None:
        """Registered parties stand, less those that boycott or are struck off; some run together."""
        model, occasion = self.model, case.ordinal
        model.read(case)
        self._boycotts, self._removed, self._joint, self._toxic = [], [], [], None
        standing = [p for p in model.parties.values() if p.registered and not p.parties]
        if model.today <= model.decades.given_until:
            self._stand([p for p in standing if p.key not in case.absent])
            return
        self._endorse(standing, occasion)
        rules = model.rules_on(model.today)
        threshold = float(rules.list.threshold)
        hopeless = max(threshold, 1 / max(rules.chamber.list_seats, 1))
        lists = []
        for party in standing:
            if self._boycott(party, hopeless, occasion):
                self._boycotts.append(party.key)
                model.tell(f"{party.name} boycotts the election")
            elif self._struck_off(party, occasion):
                self._removed.append(party.key)
                model.tell(f"the list of {party.name} is struck off")
            else:
                lists.append(party)
        self._stand(self._allied(lists, threshold, case))

    def _stand(self, lists: list[Party]) -> None:
        """These are on the ballot, and campaign."""
        self._lists = lists
        self.model.opinion.campaign(lists)
        for party in lists:
            party.on_ballot = True
        self.model.tell(f"lists close with {len(lists)}: {', '.join(party.name for party in lists)}")

    def vote(self, case: Case) -> None:
        """Votes and list seats by the law of the day; then who refuses seats, and who fades."""
        model, rules = self.model, self.model.rules_on(self.model.today)
        seats = rules.chamber.list_seats
        self._lists = [party for party in self._lists if self._still_there(party)]
        wishes = model.voting.preferences(
            self._lists, against_all=rules.ballot.against_all, seats=seats, threshold=float(rules.list.threshold)
        )
        shares = model.voting.expected(wishes)
        parts = np.rint(shares * BALLOTS).astype(int).tolist()
        two_party = (
            TwoPartyRule(minimum=rules.list.two_party_minimum, correction=rules.list.two_party_correction)
            if rules.list.two_party_rule
            else None
        )
        allocation = allocate(
            [ListVotes(key, n, against_all=key == AGAINST_ALL) for key, n in zip(wishes.options, parts, strict=True)],
            seats=seats,
            threshold=rules.list.threshold,
            base_votes=sum(parts),
            formula=rules.list.formula,
            two_party_rule=two_party,
        )
        votes = {key: float(share) for key, share in zip(wishes.options, shares, strict=True) if key != AGAINST_ALL}
        won = {key: n for key, n in allocation.seats.items() if n}
        refused = self._refuse_seats(won, case.ordinal)
        taken = {key: n for key, n in won.items() if key not in refused}
        self.held.append(
            Held(
                election=case.election,
                day=model.today,
                votes=votes,
                against_all=float(shares[-1]) if rules.ballot.against_all else None,
                seats=taken,
                refused=refused,
                boycotts=tuple(self._boycotts),
                removed=tuple(self._removed),
                joint=tuple(self._joint),
                autonomous={
                    coding: sum(n for key, n in taken.items() if model.parties[key].conduct in classes)
                    for coding, classes in AUTONOMOUS.items()
                },
            )
        )
        said = ", ".join(f"{model.parties[key].name} {n}" for key, n in sorted(won.items(), key=lambda x: -x[1]))
        model.tell(f"{seats} list seats: {said or 'none filled'}")
        self._after(votes, case.ordinal)

    def _still_there(self, party: Party) -> bool:
        """Whether a list may still be voted for: its party, or one of a joint list's, has not gone since."""
        return not party.gone and (not party.parties or any(not self.model.parties[key].gone for key in party.parties))

    def _after(self, votes: dict[str, float], occasion: int) -> None:
        """Blocs part; what voters think of parties drifts; the unkept fade: not while the record is given."""
        model, s = self.model, self.settings
        shares = dict(votes)
        if model.today <= model.decades.given_until:
            for party in self._lists:
                party.on_ballot = False
            self.last = shares
            return
        for party in self._lists:
            party.on_ballot = False
            if party.parties:
                members = [model.parties[key] for key in party.parties]
                weight = np.array([max(model.support(member), 1e-9) for member in members])
                for member, part in zip(members, weight / weight.sum(), strict=True):
                    shares[member.key] = float(part) * shares.get(party.key, 0.0)
                shares.pop(party.key, None)
                party.become("ended", model.today)
        if self._toxic is not None:
            self._toxic.valence += s.toxic
        for party in [p for p in model.parties.values() if p.registered and not p.in_power]:
            news = model.history.normal(f"valence/{party.address}", 1, occasion=occasion)[0]
            usual = model.mechanism.formation.valence
            party.valence = float(usual + s.persistence * (party.valence - usual) + s.drift * news)
            party.last_share = shares.get(party.key, 0.0)
        self.last = shares
        model.conduct.fade(shares, occasion)

    def _endorse(self, standing: list[Party], occasion: int) -> None:
        """A banned movement recommends the list that is least loyal; that list did not ask for it, and pays."""
        model, s = self.model, self.settings
        years = model.decades.policy.banned_name_years
        alive = [
            p
            for p in model.parties.values()
            if p.status == "banned" and (model.today - p.past[-1].day).days < 365 * years
        ]
        others = [p for p in standing if not p.loyal]
        if not alive or not others or model.history.one("endorsement", occasion=occasion) >= s.endorsement:
            return
        chosen = min(others, key=lambda p: (p.character.loyalty, p.key))
        self._toxic = chosen
        chosen.valence -= s.toxic
        chosen.character.loyalty = float(expit(logit(chosen.character.loyalty) - s.toxic_loyalty))
        model.tell(f"{alive[-1].name}, banned, tells its followers to vote for {chosen.name}")

    def _boycott(self, party: Party, hopeless: float, occasion: int) -> bool:
        """A disloyal list without hope of a seat may stay away; one recommended by the banned is twice as likely to."""
        if party.loyal or (model := self.model).support(party) >= hopeless:
            return False
        chance = self.settings.boycott * (1 - party.character.loyalty) * (2 if party is self._toxic else 1)
        return model.history.one(f"boycott/{party.address}", occasion=occasion) < chance

    def _struck_off(self, party: Party, occasion: int) -> bool:
        """A list may not stand that those who admit lists want to refuse; theirs is a mind of its own."""
        model = self.model
        if party.loyal or party.sponsored:
            return False
        chance = model.party_practice.removal * model.decades.policy.struck_off
        draw = model.history.one(f"removal/{party.address}", occasion=occasion)
        hostile = model.registrar.wants_refusal(
            party, "ballot", model.today, model.practice.discretion, model.threat(party)
        )
        return draw < chance and hostile

    def _allied(self, lists: list[Party], threshold: float, case: Case) -> list[Party]:
        """Two near lists of one side of which one would fail alone: a bloc where lawful, else on the larger's list."""
        model, lawful = self.model, self.model.rules_on(self.model.today).list.blocs
        free = [p for p in lists if not p.in_power and not p.sponsored]
        joined: dict[str, Party] = {}
        for party in sorted(free, key=lambda p: (model.support(p), p.key)):
            if party.key in joined or model.support(party) >= threshold or not threshold:
                continue
            near = [
                (float(np.sqrt(((other.position - party.position) ** 2).sum())), other.key)
                for other in free
                if other is not party and other.key not in joined and other.loyal == party.loyal
            ]
            if not near or min(near)[0] > self.settings.allies_within:
                continue
            partner = model.parties[min(near)[1]]
            if model.support(party) + model.support(partner) < threshold / 2:
                continue
            bloc = self._joint_list(party, partner, lawful, case)
            joined[party.key] = joined[partner.key] = bloc
            self._joint.append(bloc.key)
        return [p for p in lists if p.key not in joined] + list(dict.fromkeys(joined.values()))

    def _joint_list(self, one: Party, other: Party, lawful: bool, case: Case) -> Party:
        """A list that stands between its members; apart they would never have fewer votes (process.joint_lists)."""
        model = self.model
        members = sorted((one, other), key=lambda p: (-model.support(p), p.key))
        weight = np.array([max(model.support(p), 1e-9) for p in members])
        parts = weight / weight.sum()
        places = np.array([p.position for p in members])
        centre = parts @ places
        spread = float(parts @ ((places - centre) ** 2).sum(axis=1))
        entropy = -float((parts * np.log(parts)).sum())
        valence = float(parts @ [p.valence for p in members]) + entropy - float(model.voting.weight) * spread
        key = f"bloc_{members[0].key}_{members[1].key}_{case.election}"
        name = " and ".join(p.name for p in members) if lawful else f"{members[0].name} with {members[1].name}"
        bloc = model.arrivals.joint(key, name, members, centre, valence)
        model.tell(f"{members[0].name} and {members[1].name} run {'a bloc' if lawful else 'on one list'}")
        return bloc

    def _refuse_seats(self, won: dict[str, int], occasion: int) -> tuple[str, ...]:
        """Disloyal lists that won one seat or two may not take them, in protest at the count."""
        model, out = self.model, []
        for key, seats in won.items():
            party = model.parties[key]
            chance = self.settings.seat_refused * (1 - party.character.loyalty)
            if not party.loyal and seats <= 2 and model.history.one(f"refuses/{key}", occasion=occasion) < chance:
                out.append(key)
                model.tell(f"{party.name} refuses its {seats} {'seat' if seats == 1 else 'seats'}")
        return tuple(out)

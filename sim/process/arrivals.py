"""Where parties come from over decades: the record at first, then founders, factions of the elite, and orders."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim import cases
from sim.actors import roster
from sim.actors.party import Kin, Party
from sim.actors.roster import CENTRE, DISLOYAL, PartyFacts, in_words
from sim.kernels.counts import poisson
from sim.process.decades_settings import at
from sim.process.formation import CUTS, Formation

if TYPE_CHECKING:
    from sim.party_system import PartySystem

YEAR = 365.25
BASES = ("ethnic", "religious", "gender")


def conduct_of(loyalty: float) -> str:
    """How a group of some loyalty behaves."""
    return "hard_opposition" if loyalty < CUTS[0] else "soft_opposition" if loyalty < CUTS[1] else "pro_regime"


class Arrivals(Formation):
    """The stage that creates parties over decades.

    Until ``decades.given_until`` parties are those on record. From then on nobody is: founders who are badly served,
    fewer the more members the law asks and the worse the chances of people like them have been; factions of the elite
    while there is money outside the party of power; and what the administration orders.
    """

    model: PartySystem

    def __init__(self, model: PartySystem) -> None:  # no super(): there is no single election to prepare for
        self.model, self.settings = model, model.mechanism.formation
        self.own = model.decades.arrivals
        given = model.decades.given_until
        self.known = roster.load(cases.folder(model.spec.case), given)
        self.coming = sorted(
            (facts for facts in self.known if facts.registered and facts.registered <= given),
            key=lambda facts: (facts.registered, facts.key),
        )
        self._start = _start(model.spec.case)
        self.given(first=True)

    def month(self, occasion: int) -> None:
        """The record while it lasts, then founders and factions."""
        if self.model.today <= self.model.decades.given_until:
            self.given()
            return
        self._founders(occasion)
        self._factions(occasion)

    def given(self, *, first: bool = False) -> None:
        """Parties that the record has registered by now, and those that ended."""
        today = self.model.today
        for facts in list(self.coming):
            if facts.registered and facts.registered <= today:
                self.coming.remove(facts)
                if facts.ended and facts.ended <= today:
                    continue
                self._establish(facts, known=True)
                if not first:
                    self.model.tell(f"{facts.name} is registered, as on record")
        for facts in self.known:
            known = self.model.parties.get(facts.key)
            if facts.ended and facts.ended <= today and known is not None and not known.gone:
                heir = self.model.parties.get(facts.into or "")
                if heir is not None and not heir.gone:
                    self.model.merge(known, heir, "as on record")
                else:
                    known.become("dissolved", today)
                    self.model.tell(f"{facts.name} ceases, as on record")

    def take_stock(self) -> None:
        """Members and money of those who stand when the record is left; those nobody named are founded."""
        self.given()
        fill, register = self.model.decades.reregistration.fill, self.model.geography.register
        for number, entry in enumerate(self._start.get("unnamed", ()), start=1):
            key = f"unnamed_{number}"
            party = self._found_at(key, f"Party {number} of the record", status="registered")
            party.reached.registered = self.model.today
            self.model.opinion.introduce(party)
            self._fill(party, entry, fill, register)
        for entry in self._start.get("party", ()):
            key = str(entry["key"])
            if key not in self.model.parties:  # its day of registration is an interval that holds this day
                self._establish(next(facts for facts in self.known if facts.key == key), known=True)
            if self.model.parties[key].registered:
                self._fill(self.model.parties[key], entry, fill, register)

    def _fill(self, party: Party, entry: dict[str, float], fill: float, register: NDArray[np.int64]) -> None:
        where = register * party.character.profile
        party.members = np.rint(entry["members"] * fill * where / where.sum()).astype(np.int64)
        party.character.money = float(entry["money"])

    def _establish(self, facts: PartyFacts, *, known: bool) -> None:
        """A party of the record, known to as many as one that stood before."""
        party = self._party(facts, valence=self.model.first_valence(facts.key), status="registered")
        assert facts.registered
        party.reached.registered = min(facts.registered, self.model.today)
        party.sponsored = party.in_power  # its lists are filled by office, and no registrar refuses it
        self.model.opinion.introduce(party)

    def hope(self, *, disloyal: bool) -> float:
        """The believed chance of registration of people like oneself: answers of the last years, and a doubt."""
        s, since = self.own, self.model.today - timedelta(days=int(self.own.memory * YEAR))
        answers = [
            decision.outcome == "registered"
            for party in self.model.parties.values()
            if (party.conduct_founded in DISLOYAL) == disloyal
            for decision in party.decisions[-12:]
            if decision.decided >= since and decision.outcome != "confirmed"
        ]
        return float((s.doubted / 2 + sum(answers)) / (s.doubted + len(answers)))

    def _founders(self, occasion: int) -> None:
        """Arrivals of the month, thinned from the most that any law and any hope would see."""
        history = self.model.history
        arrivals = int(poisson(history.uniform("latent", 1, occasion=occasion), np.array([self.rate(0) / 12]))[0])
        if not arrivals:
            return
        asked = self.rate(self.model.rules_on(self.model.today).registration.members) / self.rate(0)
        draws = history.uniform("latent/try", arrivals, occasion=occasion)
        hope = {disloyal: self.hope(disloyal=disloyal) ** self.own.hope for disloyal in (True, False)}
        for n in np.flatnonzero(draws < asked * max(hope.values())):
            key, name = f"latent_{self.model.today:%Y%m}_{n + 1}", f"Group of {self.model.today:%B %Y} ({n + 1})"
            row = self._worst_served(key)
            position = self.model.electorate.position[row].astype(float)
            loyalty = self.loyalty_at(key, position)
            if draws[n] >= asked * hope[loyalty < CUTS[1]]:
                continue
            party = self._found_at(key, name, row=row)
            party.character.persistence = float((1 - draws[n]) ** self.own.tenacity)
            if history.one(f"basis/{key}") < self.own.barred:
                party.basis = BASES[int(history.one(f"basis/kind/{key}") * len(BASES))]
                self.model.tell(f"{name} wants to be an {party.basis} party")

    def loyalty_at(self, key: str, position: NDArray[np.float64]) -> float:
        """Loyalty of a founder: the less, the more accountability it wants."""
        s = self.settings
        lean = -s.accountability_on_loyalty * position[2]
        return float(expit(lean + s.latent_loyalty_spread * self.model.history.normal(f"loyalty/{key}", 1)[0]))

    def _worst_served(self, key: str) -> int:
        """Row of the worst served of a few voters, by the parties of the record's end: the same under every law."""
        model, s = self.model, self.settings
        rows = (model.history.uniform(f"founder/{key}", s.candidates) * len(model.electorate)).astype(np.int64)
        given = [p.founded_at for p in model.parties.values() if p.reached.formed <= model.decades.given_until]
        places = np.array(given or [np.zeros(3)])
        gap = ((model.electorate.position[rows, None, :] - places[None]) ** 2).sum(axis=2).min(axis=1)
        return int(rows[gap.argmax()])

    def _found_at(self, key: str, name: str, *, row: int | None = None, status: str = "group") -> Party:
        """A party of founders, at home where the worst served live."""
        row = self._worst_served(key) if row is None else row
        position = self.model.electorate.position[row].astype(float)
        loyalty = self.loyalty_at(key, position)
        character = self._character(key, loyalty)
        character.home = int(self.model.electorate.region[row])
        party = self._add(
            key, name, conduct_of(loyalty), "latent", position, self._entrant(key), character, status=status
        )
        self.model.tell(f"{name} forms ({in_words(party.conduct)})")
        return party

    def _factions(self, occasion: int) -> None:
        """Factions of the elite that break away from a loyal party with money, a known leader and some members."""
        model, s, history = self.model, self.own, self.model.history
        money = at(model.decades.elite, model.today)
        most = s.splits * max((entry.value for entry in model.decades.elite), default=0.0) / 12
        if not most:
            return
        arrivals = int(poisson(history.uniform("faction", 1, occasion=occasion), np.array([most]))[0])
        draws = history.uniform("faction/try", arrivals, occasion=occasion)
        for n in np.flatnonzero(draws * most < s.splits * money / 12):
            key = f"faction_{model.today:%Y%m}_{n + 1}"
            parents = [p for p in model.parties.values() if p.registered and not p.parties and p.loyal]
            parent = parents[int(history.one(f"parent/{key}") * len(parents))] if parents else None
            lean = s.faction_loyalty_spread * history.normal(f"loyalty/{key}", 1)[0]
            loyalty = float(expit(s.faction_loyalty + lean))
            faction = self.splinter(
                key,
                f"Faction of {model.today:%B %Y} ({n + 1})",
                parent,
                loyalty=loyalty,
                members=s.faction_members,
                money=s.faction_money,
                valence=self._entrant(key) + s.faction_valence,
            )
            model.tell(f"{faction.name} leaves {parent.name if parent else 'the government'} to found a party")

    def splinter(
        self,
        key: str,
        name: str,
        parent: Party | None,
        *,
        loyalty: float,
        members: int,
        money: float,
        valence: float,
        sponsored: bool = False,
        position: NDArray[np.float64] | None = None,
    ) -> Party:
        """A group that leaves a party with some of its members, who are no longer members there."""
        history, s = self.model.history, self.settings
        place = parent.position if parent is not None else np.zeros(3)
        shift = s.position_spread * history.normal(f"position/{key}", len(place))
        character = self._character(key, loyalty)
        character.money = money * character.money
        party = self._add(
            key,
            name,
            conduct_of(loyalty),
            "split",
            np.asarray(place + shift if position is None else position, float),
            valence,
            character,
            sponsored=sponsored,
        )
        if parent is not None:
            character.home = parent.character.home
            party.kin.append(Kin("split", parent.key, self.model.today))
            leaving = _portion(parent.members, members)
            parent.members, party.members = parent.members - leaving, leaving
        return party

    def joint(self, key: str, name: str, members: list[Party], position: NDArray[np.float64], valence: float) -> Party:
        """The joint list of some parties, known to whoever knows one of them; it is no party and ends with the vote."""
        party = self._add(
            key,
            name,
            members[0].conduct,
            "bloc",
            position,
            valence,
            members[0].character,
            status="registered",
            parties=tuple(member.key for member in members),
        )
        opinion, aware = self.model.opinion, self.model.electorate.aware
        known = np.any([opinion.knows(member) for member in members], axis=0)
        aware[known] |= opinion.place(party)
        return party

    def order(self, key: str, name: str, position: NDArray[np.float64]) -> Party:
        """A loyal party that the administration orders into being."""
        character = self._character(key, CENTRE["pro_regime"])
        party = self._add(key, name, "pro_regime", "ordered", position, self._entrant(key), character, sponsored=True)
        self.model.tell(f"the administration orders {name} into being")
        return party


def _portion(members: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """So many of a party's members by region, in proportion and in whole persons, or all there are."""
    total = int(members.sum())
    if not total:
        return np.zeros_like(members)
    share = min(number / total, 1.0)
    return np.floor(members * share).astype(np.int64)


def _start(case: str) -> dict[str, list[dict[str, float]]]:
    """The case's file of members at the end of the record; empty where it has none."""
    path = cases.folder(case) / "start.toml"
    if not path.is_file():
        return {}
    tree = tomllib.loads(path.read_text("utf-8"))
    return {name: tree[name] for name in ("party", "unnamed") if name in tree}

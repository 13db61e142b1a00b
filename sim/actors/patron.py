"""The administration as patron of parties: what it does about each of them, a season at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.actors.party import Party
from sim.actors.roster import CENTRE, in_words
from sim.malpractice.party_policy import gains

if TYPE_CHECKING:
    from sim.party_system import PartySystem


class Patron(mesa.Agent):
    """Looks one step ahead on beliefs that are not exact, within a budget, and would rather leave parties alone.

    An act against a party is weighed by what it promises less what it costs, both in shares of voters
    (:mod:`sim.malpractice.party_policy`), with a Gumbel term for all that is not modelled. Loyal parties are ordered
    into being where fewer stand than are wanted, and merged where more do.
    """

    def __init__(self, model: PartySystem) -> None:
        super().__init__(model)
        self.decades = model.decades
        self.settings = model.decades.policy
        self.spent: dict[int, float] = {}
        self.done: set[tuple[str, str]] = set()
        self.counts: dict[str, int] = {}

    model: PartySystem

    def season(self, occasion: int) -> None:
        """Look at every party that can be seen; then at the number of loyal ones."""
        for party in self._visible():
            self._answer(party, occasion)
        self._keep_satellites(occasion)

    def _visible(self) -> list[Party]:
        """Parties, and groups that have given notice, that are not the regime's own."""
        known = (p for p in self.model.parties.values() if not p.loyal and not p.gone and not p.parties)
        return [p for p in known if p.registered or p.reached.noticed is not None]

    def _answer(self, party: Party, occasion: int) -> None:
        s, history, model = self.settings, self.model.history, self.model
        blur = s.misjudged * history.normal(f"policy/support/{party.address}", 1, occasion=occasion)[0]
        believed = min(model.support(party) * float(np.exp(blur)), 1.0)
        offers = gains(
            s,
            model.party_practice,
            support=believed,
            loyalty=party.character.loyalty,
            hard=party.conduct == "hard_opposition",
            registered=party.registered,
            outlasted=self._outlasted(party),
        )
        best, chosen = s.inertia + self._else("nothing", party, occasion), None
        for act, gain in offers.items():
            if (act, party.key) in self.done or not self._may(act, party):
                continue
            worth = gain + self._else(act, party, occasion)
            if worth > best:
                best, chosen = worth, act
        if chosen is not None and self._afford(chosen):
            self.done.add((chosen, party.key))
            self._act(chosen, party, occasion)

    def _outlasted(self, party: Party) -> bool:
        """Whether a group was refused and is still there years after its first notice."""
        noticed, refused = party.reached.noticed, any(d.outcome == "refused" for d in party.decisions)
        return refused and noticed is not None and (self.model.today - noticed).days > 365 * self.settings.outlasting

    def _else(self, act: str, party: Party, occasion: int) -> float:
        """What else speaks for an act this season."""
        return float(
            self.settings.doubt * self.model.history.gumbel(f"policy/{act}/{party.address}", 1, occasion=occasion)[0]
        )

    def _may(self, act: str, party: Party) -> bool:
        """Whether an act is thought of against a party at all: always at strength 1, never at 0."""
        lever = {"split": "engineered_splits", "look_alike": "look_alikes", "ban": "bans"}.get(act, act)
        return self.model.history.one(f"policy/may/{act}/{party.address}") < getattr(self.model.party_practice, lever)

    def _afford(self, act: str) -> bool:
        year, cost = self.model.today.year, getattr(self.settings, f"{act}_cost")
        if self.spent.get(year, 0.0) + cost > self.settings.budget:
            return False
        self.spent[year] = self.spent.get(year, 0.0) + cost
        return True

    def _act(self, act: str, party: Party, occasion: int) -> None:
        self.counts[act] = self.counts.get(act, 0) + 1
        getattr(self, f"_{act}")(party, occasion)

    def _cooptation(self, party: Party, occasion: int) -> None:
        self.model.recode(party, self.settings.won_over)
        party.won_over = self.model.today
        self.model.tell(f"the leaders of {party.name} are won over; it is now {in_words(party.conduct)}")

    def _split(self, party: Party, occasion: int) -> None:
        share = self.settings.splintered
        splinter = self.model.arrivals.splinter(
            f"splinter_{party.key}",
            f"{party.name} (loyal)",
            party,
            loyalty=CENTRE["pro_regime"],
            members=int(share * party.members.sum()),
            money=self.decades.arrivals.faction_money,
            valence=party.valence + float(np.log(share)),
            sponsored=True,
        )
        party.valence += float(np.log(1 - share))
        self.model.tell(f"part of {party.name} leaves with help from above and founds {splinter.name}")

    def _look_alike(self, party: Party, occasion: int) -> None:
        name = f"Look-alike of {party.name}"
        self.model.arrivals.order(f"look_alike_{party.key}", name, party.position.copy())
        party.valence += float(np.log(1 - self.settings.confused))

    def _prosecution(self, party: Party, occasion: int) -> None:
        self.model.shrink(party, self.settings.frightened, f"tried/{party.address}", occasion)
        party.character.persistence *= 1 - self.settings.frightened
        self.model.tell(f"leaders of {party.name} are tried; members leave")

    def _ban(self, party: Party, occasion: int) -> None:
        party.become("banned", self.model.today)
        self.model.tell(f"a court bans {party.name} as extremist")

    def _keep_satellites(self, occasion: int) -> None:
        """Order a loyal party where one is missing and an election is near; merge one where there are too many."""
        s, model, history = self.settings, self.model, self.model.history
        loyal = [p for p in model.parties.values() if p.loyal and not p.in_power and not p.gone and not p.parties]
        standing = [p for p in loyal if p.registered]
        coming = [p for p in loyal if p.sponsored and p.active]
        few = len(standing) + len(coming) < s.satellites and model.months_to_election() <= s.order_before
        strength = model.practice.sponsorship
        if few and history.one("policy/order", occasion=occasion) < strength * s.orders:
            key = f"ordered_{model.today:%Y%m}"
            place = model.power.position + model.offset(key)
            model.arrivals.order(key, f"Ordered party of {model.today:%B %Y}", place)
            self.counts["order"] = self.counts.get("order", 0) + 1
        for party in standing[s.satellites :] if len(standing) > s.satellites else []:
            key = f"policy/merge/{party.address}"
            if history.one(key, occasion=occasion) < model.party_practice.mergers * s.merging:
                self._merge(party, standing, occasion)
                break

    def _merge(self, party: Party, standing: list[Party], occasion: int) -> None:
        """Into the party of power, or into the loyal party that stands nearest."""
        model = self.model
        others = [p for p in standing if p is not party and not p.gone]
        draw = model.history.one(f"policy/into/{party.address}", occasion=occasion)
        if draw < self.settings.into_power or not others:
            heir = model.power
        else:
            heir = min(others, key=lambda p: (float(((p.position - party.position) ** 2).sum()), p.key))
        self.counts["merger"] = self.counts.get("merger", 0) + 1
        model.merge(party, heir, "as was arranged")

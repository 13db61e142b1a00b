"""Who decides: parties, the registrar, commissions, observers, courts, the administration; all Mesa agents."""

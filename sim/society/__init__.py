"""Who there is: regions, stations, voters as columns, and whom they talk to."""

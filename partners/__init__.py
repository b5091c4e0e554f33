"""Outside partners: credit bureau, courier, lockers. Each has a simulator here, so that all can be tried."""

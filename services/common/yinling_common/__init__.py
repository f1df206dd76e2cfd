"""What every Yinling service imports and nothing runs: errors, identity, server, database, paging."""

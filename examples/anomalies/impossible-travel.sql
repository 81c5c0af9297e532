-- Impossible travel: Users who signed in to the console from two source addresses within 15 minutes.
-- tags: T1078.004, initial access, stolen credentials
SELECT who, earlier, eventtime AS later, earlier_address, sourceipaddress AS later_address
FROM (
  SELECT useridentity.arn AS who, eventtime, sourceipaddress,
         lag(eventtime) OVER signed_in AS earlier, lag(sourceipaddress) OVER signed_in AS earlier_address
  FROM main
  WHERE eventname = 'ConsoleLogin' AND element_at(responseelements, 'ConsoleLogin') = 'Success'
  WINDOW signed_in AS (PARTITION BY useridentity.arn ORDER BY eventtime, sourceipaddress))
WHERE sourceipaddress <> earlier_address AND eventtime - earlier <= INTERVAL '15' MINUTE
ORDER BY later DESC

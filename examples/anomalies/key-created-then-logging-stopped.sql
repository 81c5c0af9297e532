-- Key created, then logging stopped: Access keys that called GetCallerIdentity, then created another key, then stopped a trail, all within a day.
-- tags: T1098.001, T1562.008, persistence, attack chain
SELECT *
FROM (
  SELECT useridentity.accesskeyid AS key_id, useridentity.arn AS who, eventname, eventtime
  FROM main
  WHERE eventname IN ('GetCallerIdentity', 'CreateAccessKey', 'StopLogging') AND errorcode IS NULL)
MATCH_RECOGNIZE (
  PARTITION BY key_id
  ORDER BY eventtime
  MEASURES first(asks.who) AS who, first(asks.eventtime) AS began, last(stops.eventtime) AS ended
  ONE ROW PER MATCH
  PATTERN (asks+ makes+ stops)
  DEFINE
    asks AS eventname = 'GetCallerIdentity',
    makes AS eventname = 'CreateAccessKey',
    stops AS eventname = 'StopLogging' AND eventtime - first(asks.eventtime) <= INTERVAL '1' DAY
)
ORDER BY began

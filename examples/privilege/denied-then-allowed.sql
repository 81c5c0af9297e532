-- Denied, then allowed: Actions that a caller was denied and then performed within one day.
-- tags: T1098.003, privilege escalation, access denied
SELECT r.who, r.eventname, min(r.eventtime) AS refused, min(d.eventtime) AS done
FROM (SELECT useridentity.arn AS who, eventsource, eventname, eventtime FROM main WHERE errorcode LIKE '%AccessDenied%') r
JOIN (SELECT useridentity.arn AS who, eventsource, eventname, eventtime FROM main WHERE errorcode IS NULL) d
  ON d.who = r.who AND d.eventsource = r.eventsource AND d.eventname = r.eventname
  AND d.eventtime BETWEEN r.eventtime AND r.eventtime + INTERVAL '1' DAY
GROUP BY 1, 2
ORDER BY done DESC

-- Snapshot exfiltration: EBS snapshots that one caller created and shared within an hour.
-- tags: T1537, T1578.001, exfiltration, snapshot sharing
SELECT m.who, m.snapshot, m.eventtime AS made, g.eventtime AS given_away
FROM (SELECT useridentity.arn AS who, element_at(responseelements, 'snapshotId') AS snapshot, eventtime FROM main WHERE eventname = 'CreateSnapshot') m
JOIN (SELECT useridentity.arn AS who, element_at(requestparameters, 'snapshotId') AS snapshot, eventtime FROM main WHERE eventname = 'ModifySnapshotAttribute') g
  ON g.who = m.who AND g.snapshot = m.snapshot AND g.eventtime BETWEEN m.eventtime AND m.eventtime + INTERVAL '1' HOUR
ORDER BY made

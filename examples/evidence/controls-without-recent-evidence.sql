-- Controls without recent evidence: Controls without evidence from the last seven days.
-- tags: compliance, audit gaps
SELECT eventdata.controlname AS control, max(eventdata.time) AS last_collected
FROM evidence
GROUP BY 1
HAVING max(eventdata.time) < now() - INTERVAL '7' DAY
ORDER BY last_collected

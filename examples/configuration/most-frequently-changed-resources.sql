-- Most frequently changed resources: Resources with more than one recorded state, those with the most first.
-- tags: configuration drift, change management
SELECT eventdata.resourcetype AS kind, eventdata.resourceid AS id, count(DISTINCT eventdata.configurationstateid) AS states, min(eventtime) AS since, max(eventtime) AS latest
FROM configuration
GROUP BY 1, 2
HAVING count(DISTINCT eventdata.configurationstateid) > 1
ORDER BY states DESC

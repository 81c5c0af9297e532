-- Activity by team: Calls and changes by the principal tag "team".
-- tags: tagging, team activity
SELECT element_at(eventcontext.tagcontext.principaltags, 'team') AS team, eventsource, count(*) AS calls, count_if(NOT readonly) AS changes
FROM main
WHERE element_at(eventcontext.tagcontext.principaltags, 'team') IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC

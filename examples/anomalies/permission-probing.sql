-- Permission probing: Callers that were denied at least five different actions.
-- tags: T1580, discovery, access denied
SELECT useridentity.arn AS who, count(DISTINCT eventname) AS actions, count(*) AS refusals, min(eventtime) AS first_seen, max(eventtime) AS last_seen,
       slice(array_sort(array_agg(DISTINCT eventname)), 1, 5) AS some
FROM main
WHERE errorcode IN ('AccessDenied', 'Client.UnauthorizedOperation', 'UnauthorizedOperation', 'AccessDeniedException')
GROUP BY 1
HAVING count(DISTINCT eventname) >= 5
ORDER BY actions DESC

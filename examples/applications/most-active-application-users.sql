-- Most active application users: Users with the most application events, with their department.
-- tags: application activity, user behavior
SELECT eventdata.useridentity.principalid AS actor, element_at(eventdata.useridentity.details, 'department') AS department, count(*) AS actions, max(eventtime) AS latest
FROM applications
GROUP BY 1, 2
ORDER BY actions DESC

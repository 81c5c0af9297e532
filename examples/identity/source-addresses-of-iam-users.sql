-- Source addresses of IAM users: How many source addresses and user agents each IAM user has, with the three most frequent addresses.
-- tags: T1078.004, user behavior, source addresses
SELECT useridentity.arn AS who, count(DISTINCT sourceipaddress) AS addresses, count(DISTINCT useragent) AS programs, count(*) AS calls,
       approx_most_frequent(3, sourceipaddress, 100) AS usual_addresses
FROM main
WHERE useridentity.type = 'IAMUser'
GROUP BY 1
ORDER BY addresses DESC, who

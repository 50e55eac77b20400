-- psql fills in :'day' as a quoted literal.
SELECT user_id, item_id, rating
FROM ratings
WHERE rated_on = CAST(:'day' AS date)
ORDER BY user_id, item_id

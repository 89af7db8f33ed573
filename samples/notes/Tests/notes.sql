INSERT INTO note (id, title, body, changed) VALUES
    ('00000000-0000-4000-8000-000000000001', 'Older', 'by an hour', '2026-01-01 10:00:00.000'),
    ('00000000-0000-4000-8000-000000000002', 'Newer', 'than the other one', '2026-01-01 11:00:00.000');

<?php
header('Content-Type: text/plain');
echo $_SERVER['REQUEST_METHOD'] === 'POST' ? file_get_contents('php://input') : 'Hello';

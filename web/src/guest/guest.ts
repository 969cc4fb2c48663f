import './guest.css'
